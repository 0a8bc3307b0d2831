"""Recurrent language model (Mikolov et al., 2010)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, log
from typing import Any, ClassVar, cast
from warnings import warn

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .. import nets
from ..autoencoder import Autoencoder
from ..data import TextCodec
from ..errors import InputError, LatentlyWarning, ParameterError
from ..estimator import Codes, Latent, model
from ..estimator.latent import validation
from ..params import param
from ..parts import Empty, Tokens
from ..spec import END, PAD, UNKNOWN, Kind, Spec
from .writing import Writing, drawn, searched


@model
class LanguageModel(Latent):
    r"""A text told word by word, each from those before it: an autoencoder whose code is empty.

    .. math:: L(x) = -\log p(x) = -\sum_t \log p(x_t \mid x_{<t})

    Use it to write, to tell how likely a text is, and to find odd ones. `write`, `writing` and `next_words` are its own
    verbs; `transform` gives the mean state of a text's last recurrent layer; `log_probability` is a text's own,
    `score_samples` a token's mean of it, unknown words dearer, so that short texts are not the normal ones; of both,
    texts are cut as in training. There is no code to restore a text from. See `Latent` for the other
    verbs and the fitted attributes.

    References
    ----------
    "Recurrent Neural Network Based Language Model" (Mikolov et al., 2010); with LSTM: "LSTM Neural Networks for
    Language Modeling" (Sundermeyer et al., 2012).

    Examples
    --------
    >>> import latently
    >>> lines = ["the cat sat", "the dog ran"] * 20
    >>> model = latently.LanguageModel(network="embed8 lstm16", epochs=30, lr=0.01).fit(lines)
    >>> model.write("the cat", temperature=0)
    'the cat sat'
    >>> model.probability("the cat sat") > model.probability("the sat cat")
    True
    """

    latent: None = param(None, "a text's code is empty: there is nothing to choose")  # pyright: ignore
    encoder: None = param(None, "a text's code is empty: nothing makes it")  # pyright: ignore
    decoder: None = param(None, "it is what `network` spells")  # pyright: ignore
    likelihood: str = param("auto", "that of texts", choices=("auto",))
    prior: str = param("auto", "a text's code is empty: there is nothing to draw", choices=("auto",))
    network: str | list[nets.Layer] = param(
        "embed128 lstm256",
        "the writer spelled as words: an embedding, then recurrent layers; the last, to the vocabulary, is added",
    )

    name: ClassVar[str] = "language-model"
    reads: ClassVar[tuple[Kind, ...]] = ("text",)

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        writer = nets.writer(spec, self.network)
        self.networks_ = {"encoder": "", "decoder": writer.spelling}
        return Autoencoder(nets.Network(), Empty(), writer, Tokens())

    def code_size(self, spec: Spec) -> int:
        return 0

    def write(
        self,
        prompt: str = "",
        *,
        max_words: int = 20,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
        beams: int = 1,
        n: int | None = None,
    ) -> Any:
        """A new text that begins with `prompt`: as a text, or `n` of them as a list.

        Words that are not in the vocabulary can be read and are never written. However long the prompt, all of it is
        read. On an x86 processor matrices of a million weights and more are read as 16-bit floats, which moves the
        logits by about a thousandth of a nat; precision="float32" leaves them whole.

        Parameters
        ----------
        prompt
            What to begin with; "" for nothing.
        max_words, temperature, top_k, top_p, seed, beams
            See `Writing`; the words of the prompt are not counted.
        n
            How many, written side by side; None for one, which is given as it is.

        Raises
        ------
        ParameterError
            A value is not allowed, or some do not go together.
        """
        how = Writing(
            max_words=max_words,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            seed=seed,
            beams=beams,
            n=1 if n is None else n,
        )
        read = self._prompt(prompt)
        if beams > 1:
            rows = searched(self._writer, read, how, self._half)
        else:
            rows = torch.stack([*drawn(self._writer, read, how, self._half)], 1)
        texts = [prompt + self._added(prompt, _whole(read), _whole(row)) for row in rows]
        return texts[0] if n is None else texts

    def writing(
        self,
        prompt: str = "",
        *,
        max_words: int = 20,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
    ) -> Iterator[str]:
        """What `write` puts behind the prompt, piece by piece as it comes, with the blanks between."""
        how = Writing(max_words=max_words, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)
        return self._pieces(prompt, self._prompt(prompt), how)

    def _pieces(self, prompt: str, read: Tensor, how: Writing) -> Iterator[str]:
        tokens, said, now = list[int](), "", ""
        for step in drawn(self._writer, read, how, self._half):
            tokens += _whole(step)
            now = self._added(prompt, _whole(read), tokens)
            ready = now.rstrip("' ")  # an apostrophe waits: `don '` becomes `don't`
            if ready.startswith(said) and ready != said:  # half a character of a sub-word waits for its other half
                yield ready[len(said) :]
                said = ready
        if now.startswith(said) and now != said:
            yield now[len(said) :]

    def next_words(self, prompt: str = "", k: int | None = 10) -> list[tuple[str, float]]:
        """The `k` words that are likeliest to come next, each with its probability, falling; None for all.

        `<end>` is the end of the text. Tokens that are never written are left out: what the probabilities lack of 1 is
        that of words that are not in the vocabulary.
        """
        if k is not None and (isinstance(k, bool) or not isinstance(cast(Any, k), int) or k < 1):
            raise ParameterError(f"next_words: k={k!r} is not allowed; it is None or a whole number, at least 1.")
        with torch.inference_mode():
            read = self._prompt(prompt)
            logits, _ = self._writer.next(_nothing(read), read.unsqueeze(0))
            written = (nets.barred(logits[0]) > -torch.inf).nonzero().squeeze(1)
            falling, order = logits[0].double().softmax(0)[written].sort(descending=True, stable=True)
            places = written[order]
        words = self._codec.words
        return [(words[place], float(share)) for place, share in zip(_whole(places[:k]), falling[:k], strict=True)]

    def probability(self, text: str) -> float:
        """How likely it is that a text is this one, to its end; `log_probability` gives the logarithm."""
        with torch.inference_mode():
            told = torch.cat((self._prompt(text), torch.tensor([END], device=self._device)))
            states, _ = self._writer.states(_nothing(told), told[:-1].unsqueeze(0))
            shares = self._writer.dense(states[0]).double().log_softmax(1)
            return exp(shares.gather(1, told[1:].unsqueeze(1)).sum().item())

    def log_probability(self, X: Any) -> NDArray[np.float64]:
        """The logarithm of each text's probability, cut as in training: nats, (n,)."""
        return self._over(X, super()._normality).astype(np.float64)

    def _normality(self, x: Tensor, _: Tensor | None) -> Tensor:
        return by_token(super()._normality(x, _), x, self._codec)

    def transform(self, X: Any) -> Codes:
        """The mean state of the last recurrent layer over a text's tokens: (n, its size)."""
        return self._over(X, self._mean_state).astype(np.float32)

    def _mean_state(self, x: Tensor, label: Tensor | None) -> Tensor:
        told = x.long()
        real = (told[:, 1:] != PAD).unsqueeze(2)
        states, _ = self._writer.states(x.new_zeros(len(x), 0, dtype=torch.float32), told[:, :-1])
        return (states * real).sum(1) / real.sum(1).clamp(min=1)

    def sample(self, n: int = 1, seed: int | None = None, label: Any = None) -> list[str]:
        """Writes `n` new texts, as long as the longest that were learned from at most."""
        validation.check_is_fitted(self)
        self._places(label, 1)  # says that it knows no labels
        return self.write(max_words=self._codec.spec.shape[0] - 1, n=n, seed=seed)

    def inverse_transform(self, X: Any, label: Any = None) -> Any:
        """There is none: no text comes back from a mean."""
        raise InputError(
            f"a {type(self).__name__} has no codes: what transform gives is a mean of states, from which no text comes "
            "back; write and sample make new texts."
        )

    def reconstruct(self, X: Any) -> Any:
        """There is none: the code of a text is empty."""
        raise InputError(
            f"a {type(self).__name__} restores nothing: its code of a text is empty; write and sample make new texts, "
            "log_probability tells how likely a text is."
        )

    @property
    def _writer(self) -> nets.Writer:
        assert isinstance(self.module_.decoder, nets.Writer)
        return self.module_.decoder

    @property
    def _half(self) -> bool:
        """Whether words are written with 16-bit weights, where a matrix is large and the processor can."""
        return self.precision != "float32"

    @property
    def _codec(self) -> TextCodec:
        assert isinstance(self.codec_, TextCodec)
        return self.codec_

    @property
    def _device(self) -> torch.device:
        return next(self.module_.parameters()).device

    @property
    def _n_features_out(self) -> int:
        return self._writer.width

    def _prompt(self, prompt: str) -> Tensor:
        """The tokens (T,) of a text without its end; what of it is not known is said."""
        validation.check_is_fitted(self)
        if not isinstance(cast(Any, prompt), str):
            raise ParameterError(f"{prompt!r} is no text; give one, such as 'i love', or '' for none.")
        if unknown := self._codec.unknown(prompt):
            shown = ", ".join(unknown[:8]) + (f" and {len(unknown) - 8} more" if len(unknown) > 8 else "")
            warn(f"Not in the vocabulary, and read as <unk>: {shown}.", LatentlyWarning, stacklevel=3)
        return torch.tensor(self._codec.tokens(prompt), device=self._device)

    def _added(self, prompt: str, read: Sequence[int], tokens: Sequence[int]) -> str:
        """What the tokens put behind the prompt, with the blank between where one belongs."""
        before = self._codec.text(read)
        added = _behind(before, self._codec.text([*read, *tokens]))
        if prompt[-1:].isspace():
            return added.lstrip(" ")
        return f"{self._codec.separator}{added}" if prompt and added and not before else added


def by_token(scores: Tensor, x: Tensor, codec: TextCodec) -> Tensor:
    """What whole texts x (B, T) score (B,) as a token's mean: by the sum the short ones are normal, whatever they say.

    An unknown word is one of many that `<unk>` stands for, so it costs the choice of one more among the vocabulary.
    """
    told = x[:, 1:]
    unknown = (told == UNKNOWN).sum(1) * log(len(codec.words))
    return (scores - unknown) / (told != PAD).sum(1).clamp(min=1)


def _behind(before: str, after: str) -> str:
    """What stands in a text behind its beginning, of which blanks may have gone since.

    >>> _behind("the cat", "the cat sat"), _behind("i don '", "i don't know")
    (' sat', 't know')
    """
    if after.startswith(before):
        return after[len(before) :]
    signs, count = [i for i, sign in enumerate(after) if not sign.isspace()], len("".join(before.split()))
    return after[signs[count - 1] + 1 :] if 0 < count <= len(signs) else after


def _whole(tokens: Tensor) -> list[int]:
    return cast(list[int], tokens.tolist())


def _nothing(tokens: Tensor) -> Tensor:
    """The code of a text: (1, 0)."""
    return torch.zeros(1, 0, device=tokens.device)
