"""What one sample is, as the networks see it: plain data, free of torch, saved as JSON."""

from dataclasses import dataclass
from math import nan, prod
from typing import Literal

Kind = Literal["image", "table", "text", "series"]
PAD, START, END, UNKNOWN = range(4)  # the tokens of every vocabulary that stand for no word


@dataclass(frozen=True, slots=True)
class Spec:
    """The shape and meaning of one sample's tensor.

    Parameters
    ----------
    kind
        `image`: grey or colour values in [0, 1]. `table`: one number a column, NaN where a cell is missing. `text`:
        whole numbers, the tokens of a text, 0 behind its end. `series`: one number a step and column of a window, NaN
        where a cell is missing.
    shape
        (C, H, W) for images, (F,) for tables, (T,) for texts: the most tokens of one, its start and end among them;
        (T, F) for series, T steps of F columns.
    levels
        Tables only, one entry a column: 0 for a number (standardised), K for a category held as its index 0 .. K-1; of
        three levels and more the last stands for any other category, one that is rare or was not seen in `fit`.
    missing
        Tables and series, one entry a column: whether cells were missing in `fit`, so that the encoder is told of them.
    binary
        Pictures only: whether nearly all values are black or white, as in handwriting.
    classes
        Labels that a conditional model is told: the decoder reads as many numbers behind the code, the one-hot label. 0
        where it is told none.
    vocabulary
        Texts only: V, the tokens that are told apart, the padding among them.

    Examples
    --------
    >>> Spec("image", (1, 28, 28)).size
    784
    >>> Spec("table", (2,), levels=(0, 3), missing=(True, False)).size
    2
    >>> Spec("text", (22,), vocabulary=7001).open
    (21, 7001)
    """

    kind: Kind
    shape: tuple[int, ...]
    levels: tuple[int, ...] = ()
    missing: tuple[bool, ...] = ()
    binary: bool = False
    classes: int = 0
    vocabulary: int = 0

    @property
    def size(self) -> int:
        """Numbers in one sample: values of a picture, cells of a row, tokens of a text."""
        return prod(self.shape)

    @property
    def open(self) -> tuple[int, ...]:
        """The shape of what a decoder writes: a picture's own; a row's numbers and one logit a level; one logit a word
        for each token but the first."""
        if self.vocabulary:
            return (self.shape[0] - 1, self.vocabulary)
        return (sum(k or 1 for k in self.levels),) if self.levels else self.shape

    @property
    def width(self) -> int:
        """Independent numbers in one sample: a category of K levels counts K - 1, a token of V words V - 1."""
        if self.vocabulary:
            return self.size * (self.vocabulary - 1)
        return sum(max(1, k - 1) for k in self.levels) if self.levels else self.size

    @property
    def blank(self) -> float:
        """What stands for "not known": black in a picture, a missing cell in a row or a step, padding in a text."""
        return nan if self.kind in ("table", "series") else 0.0
