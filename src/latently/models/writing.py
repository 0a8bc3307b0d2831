"""How texts are written: words drawn one by one, or the likeliest text looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import ParameterError
from ..estimator.settings import SEEDS
from ..nets import Writer, barred, halved, picked
from ..params import check, param
from ..spec import END, PAD


@dataclass(frozen=True, kw_only=True)
class Writing:
    """What can be asked of `write`.

    `top_p` is nucleus sampling, "The Curious Case of Neural Text Degeneration" (Holtzman et al., 2020); `top_k` is of
    "Hierarchical Neural Story Generation" (Fan et al., 2018).

    Raises
    ------
    ParameterError
        A value is not allowed, or some do not go together.

    Examples
    --------
    >>> Writing(temperature=0.7).max_words
    20
    """

    max_words: int = param(20, "words to write at most, or characters or sub-words, as the model tells them", low=1)
    temperature: float = param(
        1.0, "1 draws each word as often as it is likely, less favours the likely, 0 takes the likeliest", low=0
    )
    top_k: int | None = param(None, "draw among so many of the likeliest words", low=1)
    top_p: float | None = param(
        None, "draw among the likeliest words that have this share of the probability together", low=1e-9, high=1
    )
    seed: int | None = param(None, "of the draws; by default new each time", low=0, high=SEEDS)
    beams: int = param(1, "above 1: look for the likeliest text with so many in mind, and draw nothing", low=1)
    n: int = param(1, "texts to write", low=1)

    def __post_init__(self) -> None:
        check(self)
        if self.beams == 1:
            return
        if (self.temperature, self.top_k, self.top_p, self.seed) != (1.0, None, None, None):
            raise ParameterError(
                f"Writing: beams={self.beams} looks for the likeliest text and draws nothing; leave temperature, "
                "top_k, top_p and seed out, or beams."
            )
        if self.n > self.beams:
            raise ParameterError(
                f"Writing: n={self.n} texts are wanted and beams={self.beams} are kept in mind; give as many beams."
            )

    def chosen(self, logits: Tensor, order: torch.Generator) -> Tensor:
        """The next token (B,) of each text, from its logits (B, V)."""
        logits = barred(logits).double().cpu()
        if self.temperature == 0:
            return logits.argmax(1)
        logits = (logits - logits.amax(1, keepdim=True)) / self.temperature
        if self.top_k:
            least = logits.topk(min(self.top_k, logits.shape[1])).values[:, -1:]
            logits = logits.masked_fill(logits < least, -torch.inf)
        shares = logits.softmax(1)
        if self.top_p:
            falling, places = shares.sort(dim=1, descending=True, stable=True)
            beyond = falling.cumsum(1) - falling >= self.top_p  # of those before it: the likeliest always stays
            shares = shares.masked_fill(torch.zeros_like(beyond).scatter(1, places, beyond), 0)
        return shares.multinomial(1, generator=order).squeeze(1)


@torch.inference_mode()
def drawn(writer: Writer, prompt: Tensor, how: Writing, half: bool = False) -> Iterator[Tensor]:
    """The next token (n,) of each text, again and again, until all have ended; `PAD` for those that have.

    Parameters
    ----------
    writer
        In evaluation mode; without a code.
    prompt
        (T,) what the texts begin with, `<start>` first, on the writer's device.
    how
        What was asked.
    half
        Whether large matrices are read in half precision (`nets.halves`).
    """
    order = torch.Generator()
    order.seed() if how.seed is None else order.manual_seed(how.seed)
    z = prompt.new_zeros(1, 0, dtype=torch.float32)
    logits, carry = writer.next(z, prompt.unsqueeze(0))
    logits = _begun(logits, prompt)
    rows = torch.zeros(how.n, dtype=torch.long, device=prompt.device)
    z, logits, carry = z[rows], logits[rows], picked(carry, rows)
    done = torch.zeros(how.n, dtype=torch.bool)
    for left in range(how.max_words, 0, -1):
        tokens = how.chosen(logits, order).masked_fill(done, PAD)
        done |= tokens == END
        yield tokens
        if bool(done.all()) or left == 1:
            return
        with halved(half):  # not around the loop: what reads these tokens goes on between two of them
            logits, carry = writer.next(z, tokens.to(prompt.device).unsqueeze(1), carry)


@torch.inference_mode()
def searched(writer: Writer, prompt: Tensor, how: Writing, half: bool = False) -> Tensor:
    """The likeliest continuations that a beam search finds, the likeliest first: tokens (n, T), padded.

    After each token the `beams` likeliest texts are kept, whether they have ended or not. With one this is always to
    take the likeliest word; with as many as there are texts it finds the likeliest of all. "The HARPY Speech
    Recognition System" (Lowerre, 1976).
    """
    z = prompt.new_zeros(1, 0, dtype=torch.float32)
    logits, carry = writer.next(z, prompt.unsqueeze(0))
    logits = _begun(logits, prompt)
    texts = prompt.new_zeros(1, 0)
    price, done = logits.new_zeros(1, dtype=torch.float64), torch.zeros(1, dtype=torch.bool, device=prompt.device)
    for _ in range(how.max_words):
        rows, tokens, price = _likeliest(price, logits, done, how.beams)
        texts, done = torch.cat((texts[rows], tokens.unsqueeze(1)), 1), done[rows] | (tokens == END)
        if bool(done.all()):
            break
        with halved(half):
            logits, carry = writer.next(z.expand(len(rows), 0), tokens.unsqueeze(1), picked(carry, rows))
    return texts[: how.n]


def _begun(logits: Tensor, prompt: Tensor) -> Tensor:
    """The logits of the first token (B, V): a text that nothing begins has a word, for an empty one is none."""
    return logits.index_fill(-1, torch.tensor([END], device=logits.device), -torch.inf) if len(prompt) == 1 else logits


def _likeliest(price: Tensor, logits: Tensor, done: Tensor, beams: int) -> tuple[Tensor, Tensor, Tensor]:
    """Which texts (K,) go on with which tokens, and their log-probabilities, falling; one that has ended stays."""
    told = barred(logits).double().log_softmax(1)
    told[done] = -torch.inf
    told[done, PAD] = 0
    total = (price.unsqueeze(1) + told).flatten()
    best = total.topk(min(beams, int(total.isfinite().sum())))
    return best.indices // told.shape[1], best.indices % told.shape[1], best.values
