"""An interpolated Kneser-Ney trigram: what a recurrent model of texts has to beat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log

START, END = 1, 2


class Level:
    """The n-grams of one length: how often each occurs, and what is known of their contexts."""

    def __init__(self, counts: Counter[tuple[int, ...]]) -> None:
        self.counts = counts
        self.totals, self.kinds = Counter[tuple[int, ...]](), Counter[tuple[int, ...]]()
        for gram, n in counts.items():
            self.totals[gram[:-1]] += n
            self.kinds[gram[:-1]] += 1
        once, twice = (sum(n == times for n in counts.values()) for times in (1, 2))
        self.discount = once / (once + 2 * twice) if once else 0.5  # Ney, Essen and Kneser (1994)

    def share(self, gram: tuple[int, ...], shorter: float) -> float:
        """The probability of a gram's last token after the others; `shorter` is that of one context token less."""
        context = gram[:-1]
        total = self.totals[context]
        if not total:
            return shorter
        own = max(0.0, self.counts[gram] - self.discount)
        return (own + self.discount * self.kinds[context] * shorter) / total


class Trigram:
    r"""The probability of each token after the two before it.

    .. math:: p(w \mid uv) = \frac{\max(c(uvw) - d, 0) + d\, N(uv\cdot)\, p(w \mid v)}{c(uv)}

    and likewise :math:`p(w \mid v)` from how many different tokens stand before `vw`, down to p(w), which is mixed with
    the uniform density over all tokens that can come.

    "Improved Backing-Off for M-Gram Language Modeling" (Kneser & Ney, 1995), interpolated as in "An Empirical Study of
    Smoothing Techniques for Language Modeling" (Chen & Goodman, 1998), with one discount a length.

    Parameters
    ----------
    texts
        Tokens of each, without start and end.
    possible
        How many tokens can come next: all words, `<unk>` and the end.
    """

    def __init__(self, texts: Iterable[Sequence[int]], possible: int) -> None:
        threes = Counter[tuple[int, ...]]()
        for text in texts:
            threes.update(grams(text))
        twos = Counter(gram[1:] for gram in threes)  # how many different tokens stand before each pair
        ones = Counter(gram[1:] for gram in twos)
        self.levels, self.possible = [Level(ones), Level(twos), Level(threes)], possible

    def probability(self, u: int, v: int, w: int) -> float:
        """p(w | uv)."""
        share = 1 / self.possible
        for length, level in enumerate(self.levels, 1):
            share = level.share((u, v, w)[3 - length :], share)
        return share

    def nll(self, text: Sequence[int]) -> float:
        """-log p of a text with its end, in nats."""
        return -sum(log(self.probability(*gram)) for gram in grams(text))


def grams(text: Sequence[int]) -> list[tuple[int, int, int]]:
    """Each token of a text and its end, behind the two before it.

    >>> grams([5, 6])
    [(1, 1, 5), (1, 5, 6), (5, 6, 2)]
    """
    whole = [START, START, *text, END]
    return list(zip(whole, whole[1:], whole[2:], strict=False))
