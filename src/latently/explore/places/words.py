"""Words as vectors: what a model of texts has learned of each word, to search, to keep and to draw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any, Self, cast
from warnings import warn

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ...errors import InputError, LatentlyWarning, ParameterError
from ...nets import Writer
from ...spec import UNKNOWN
from ...store import atomic
from ..figures.words import drawn

Floats = NDArray[np.float32]


class WordVectors:
    r"""A vector for each word, near where words are used alike.

    .. math:: \mathrm{likeness}(u, v) = \frac{u \cdot v}{\lVert u \rVert \lVert v \rVert}

    Those of a model are the rows of its embedding: what its decoder reads for each word. Padding, `<start>`, `<end>`
    and `<unk>` are no words and are left out. "Word" is whatever the model's token is.

    Parameters
    ----------
    words
        (V,) strings, all different; a model's are by falling frequency.
    vectors
        (V, D).

    References
    ----------
    "Efficient Estimation of Word Representations in Vector Space" (Mikolov et al., 2013),
    https://arxiv.org/abs/1301.3781; its program's text format is that of `save` and `load`.

    Examples
    --------
    >>> vectors = WordVectors(["cat", "dog", "road"], [[1, 0.1], [1, 0], [0, 2]])
    >>> vectors["road"], "car" in vectors, len(vectors)
    (array([0., 2.], dtype=float32), False, 3)
    >>> [(word, round(likeness, 3)) for word, likeness in vectors.nearest("cat", 2)]
    [('dog', 0.995), ('road', 0.1)]
    """

    def __init__(self, words: Sequence[str], vectors: ArrayLike) -> None:
        self.words = [str(word) for word in words]
        self.vectors: Floats = np.asarray(vectors, np.float32)
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.words) or not self.vectors.size:
            shape = " x ".join(map(str, self.vectors.shape))
            raise InputError(f"{len(self.words)} words and vectors of shape {shape} were given; give a row a word.")
        if len(set(self.words)) < len(self.words):
            twice = next(word for i, word in enumerate(self.words) if word in self.words[:i])
            raise InputError(f"the word {twice!r} stands there twice; give each once.")
        if not np.isfinite(self.vectors).all():
            raise InputError("the vectors hold values that are missing or infinite; give finite ones.")

    @classmethod
    def of(cls, model: Any) -> Self:
        """The words of a fitted model of texts.

        Raises
        ------
        InputError
            The model is no model of texts.
        """
        decoder = model.module_.decoder if hasattr(model, "module_") else None
        if not isinstance(decoder, Writer):
            raise InputError(
                f"{type(model).__name__} is no fitted model of texts and knows no words; give a fitted one, such as "
                "LanguageModel."
            )
        table = cast(Any, decoder.embedding).table.weight.detach().cpu().float().numpy()
        return cls(model.codec_.words[UNKNOWN + 1 :], table[UNKNOWN + 1 :].copy())

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._places

    def __getitem__(self, word: str) -> Floats:
        """The vector of a word, (D,).

        Raises
        ------
        InputError
            It is not among them; the message offers words that are spelled alike.
        """
        if word not in self._places:
            near = get_close_matches(str(word), self.words, 3) or [
                w for w in self.words if w.lower() == str(word).lower()
            ]
            hint = f"did you mean {', '.join(map(repr, near))}?" if near else "choose one that is."
            raise InputError(f"{word!r} is not among the {len(self):,} words; {hint}")
        return self.vectors[self._places[word]]

    def nearest(self, word: str | ArrayLike, k: int = 10) -> list[tuple[str, float]]:
        """The `k` words that are likest to a word, or to a vector (D,), each with its likeness, falling.

        A word is not among its own; of equally like ones the first comes first. A vector of zeros is like nothing: 0.

        Raises
        ------
        InputError
            The word is not among them, or the vector is of another size.
        ParameterError
            `k` is no whole number from 1 to the number of other words.
        """
        most = len(self) - isinstance(word, str)
        vector = np.asarray(self[word] if isinstance(word, str) else word, np.float64)
        if isinstance(k, bool) or not isinstance(k, Integral) or not 1 <= int(k) <= most:
            raise ParameterError(f"nearest: k={k!r} is not allowed; it is a whole number from 1 to {most}.")
        if vector.shape != self.vectors.shape[1:]:
            shape = " x ".join(map(str, vector.shape)) or "a single value"
            raise InputError(f"a vector of shape {shape} was given; those of the words have {self.vectors.shape[1]}.")
        length = np.linalg.norm(vector) or 1.0
        likeness = self._directions @ (vector / length)
        order = cast(list[int], np.argsort(-likeness, kind="stable").tolist())
        itself = self._places[word] if isinstance(word, str) else None
        return [(self.words[i], float(likeness[i])) for i in order if i != itself][: int(k)]

    def save(self, path: str | Path) -> Path:
        """Writes them in word2vec's text format, as gensim and others read it: `V D`, then a line a word.

        Words that hold white space, such as the blank among characters, have no place in it and are left out.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        path = Path(path)
        kept = [i for i, word in enumerate(self.words) if word and not any(sign.isspace() for sign in word)]
        if left := len(self) - len(kept):
            some = f"{left} word{'s' * (left != 1)}"
            warn(f"{some} of white space left out of {path}: the format has no place for it.", LatentlyWarning, 2)
        with atomic(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(f"{len(kept)} {self.vectors.shape[1]}\n")
            file.writelines(f"{self.words[i]} {' '.join(map(str, self.vectors[i]))}\n" for i in kept)
        return path

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads word2vec's text format.

        Raises
        ------
        InputError
            The file is not there, is not UTF-8, or a line is not a word and its numbers.
        """
        path, words, rows = Path(path), list[str](), list[Floats]()
        try:
            lines = path.read_text("utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or error
            raise InputError(
                f"{path} cannot be read as word vectors: {why}; give a file of word2vec's text format."
            ) from error
        try:
            count, size = (int(number) for number in lines[0].split())
        except ValueError as error:
            raise InputError(
                f"{path}, line 1: {lines[0][:40]!r} does not say how many words and numbers follow, as in '7000 128'; "
                "give a file of word2vec's text format."
            ) from error
        for number, line in enumerate(lines[1 : count + 1], start=2):
            word, *cells = line.rstrip().rsplit(" ", size)
            try:
                rows.append(np.array([float(cell) for cell in cells], np.float32))
                if len(cells) != size or not word:
                    raise ValueError
            except ValueError as error:
                raise InputError(
                    f"{path}, line {number}: {line[:40]!r} is no word and {size} numbers; mend it."
                ) from error
            words.append(word)
        if len(words) != count or not count:
            raise InputError(f"{path} says it has {count} words and has {len(words)}; it was cut short, save it again.")
        return cls(words, np.stack(rows))

    def map(self, words: Sequence[str] | int = 300, *, how: str = "pca", seed: int = 0) -> Figure:
        """The words on two axes, alike ones near, as many of them named as can be read.

        Parameters
        ----------
        words
            Which, or how many of the first, which are a model's commonest.
        how
            "pca", straight axes; or "tsne", which keeps neighbours together and nothing else.
        seed
            Of t-SNE.

        Raises
        ------
        InputError
            A word is not among them.
        ParameterError
            `how` is not known, or there are too few words.
        """
        some = self.words[: int(words)] if isinstance(words, int | np.integer) else [str(word) for word in words]
        if how not in ("pca", "tsne"):
            raise ParameterError(f"map: how={how!r} is not known; it is 'pca' or 'tsne'.")
        if len(some) < 3:
            raise ParameterError(f"map: {len(some)} words were asked for; a map needs at least 3.")
        directions = np.stack([self[word] for word in some]).astype(np.float64)
        return drawn(some, directions / _lengths(directions), how, seed)

    @cached_property
    def _places(self) -> dict[object, int]:
        return {word: place for place, word in enumerate(self.words)}

    @cached_property
    def _directions(self) -> NDArray[np.float64]:
        vectors = self.vectors.astype(np.float64)
        return vectors / _lengths(vectors)


def _lengths(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 1); 1 for a vector of zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths > 0, lengths, 1.0)
