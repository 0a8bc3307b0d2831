"""The codec of texts: a vocabulary and a length, tokens with `<start>` and `<end>`, and back to strings."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..spec import END, START, UNKNOWN, Spec
from .cleaning import RULES
from .codec import Codec
from .source import IfThere, Name, Reading, Source, other_kind
from .tables import TableSource
from .texts import TextSource, source_of_column
from .vocabulary import SPECIAL, UNITS, Vocabulary

if TYPE_CHECKING:
    from .ragged import Ragged

SHARE = 99.5  # per cent of the texts that are kept whole where no length is asked for
LONGEST = 256  # and at most so many tokens: an LSTM's step takes as long as its longest text
MOST = 2**31  # tokens of a text, by the file of a model


@dataclass(frozen=True)
class TextCodec(Codec):
    """What was learned of texts.

    Parameters
    ----------
    vocabulary
        The tokens, and the rule and the unit by which a text is cut into them.
    length
        T, the most tokens of a text, `<start>` and `<end>` among them.
    column
        The column of a table that held the texts, if any.
    label
        The column that held each text's label, if any.

    Examples
    --------
    >>> import latently, torch, numpy as np
    >>> from latently.data import fit_codec
    >>> lines = latently.open(["I love you.", "I love Jeju."])
    >>> codec = fit_codec(lines)
    >>> codec.words[4:], codec.tokens("I love")
    (['.', 'I', 'love', 'Jeju', 'you'], [1, 5, 6])
    >>> codec.pack(lines).take(torch.tensor([1]))
    tensor([[1, 5, 6, 7, 4, 2]])
    >>> codec.restore(np.array([[1, 5, 6, 8, 4, 2, 0]]))
    ['I love you.']
    """

    vocabulary: Vocabulary
    length: int
    column: Name | None = None
    label: Name | None = None

    @classmethod
    def fit(cls, source: TextSource) -> Self:
        """Learns the vocabulary and, where none was asked for, the length."""
        asked = source.reading
        vocabulary = Vocabulary.learn(asked.unit or "word", asked.clean or "unicode", source, asked.vocabulary)
        lengths, unknown = array("q"), 0
        for text in source:
            tokens = vocabulary.encode(text)
            lengths.append(len(tokens) + 2)
            unknown += tokens.count(UNKNOWN)
        if len(vocabulary) == len(SPECIAL):
            raise InputError(
                f"none of the {len(source)} texts has a word that can be kept, cleaned by {vocabulary.clean!r}; give "
                'texts with words, or clean="unicode".'
            )
        plural = vocabulary.cutting.plural
        if unknown:
            share = 100 * unknown / (sum(lengths) - 2 * len(lengths))
            source.say(
                f"{share:.2g} % of the {plural} are told as <unk>: the vocabulary holds {len(vocabulary) - 1:,} "
                "tokens; vocabulary=N keeps more."
            )
        usual = int(np.percentile(lengths, SHARE, method="inverted_cdf"))
        return cls(vocabulary, asked.length or max(3, min(LONGEST, usual)), asked.text, source.label or None)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        unit, clean, length, column = (data[key] for key in ("unit", "clean", "length", "column"))
        words, merges = tuple(data["words"]), tuple((first, second) for first, second in data["merges"])
        if unit not in UNITS or clean not in RULES or type(length) is not int or not 3 <= length < MOST:
            raise ValueError(f"texts by {unit!r}, cleaned by {clean!r}, of {length!r} tokens")
        if not (words and all(isinstance(w, str) and w for w in words) and len(set(words)) == len(words)):
            raise ValueError(f"a vocabulary of {len(words)} words, of which some are none or stand twice")
        known = set(words)
        if any(not {first, second, first + second} <= known for first, second in merges) or (merges and unit != "bpe"):
            raise ValueError(f"merges of what is not in the vocabulary, by {unit!r}")
        if unit == "character" and any(len(word) > 1 for word in words):
            raise ValueError("a vocabulary of characters in which some are several")
        label = data.get("label")
        if not {type(column), type(label)} <= {str, int, type(None)}:
            raise ValueError(f"texts of column {column!r} with labels of column {label!r}")
        return cls(Vocabulary(unit, clean, (*SPECIAL, *words), merges), length, column, label)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "text",
            "unit": self.unit,
            "clean": self.clean,
            "length": self.length,
            "column": self.column,
            "label": self.label,
            "words": self.words[len(SPECIAL) :],
            "merges": [list(merge) for merge in self.vocabulary.merges],
        }

    @property
    def spec(self) -> Spec:
        return Spec("text", (self.length,), vocabulary=len(self.vocabulary))

    @property
    def asked(self) -> dict[str, Any]:
        labels = {} if self.label is None else {"labels": IfThere(self.label)}
        return {"clean": self.clean, "text": self.column, **labels}

    @property
    def unit(self) -> str:
        """What a token is."""
        return self.vocabulary.unit

    @property
    def clean(self) -> str:
        """By which rule texts are cleaned."""
        return self.vocabulary.clean

    @cached_property
    def words(self) -> list[str]:
        """All V tokens, the special ones first."""
        return [*self.vocabulary.words]

    @property
    def separator(self) -> str:
        """What stands between tokens that are shown one by one."""
        return self.vocabulary.cutting.separator

    def tokens(self, text: str) -> list[int]:
        """A beginning of a text: its tokens behind `<start>`, without `<end>`."""
        return [START, *self.vocabulary.encode(text)]

    def text(self, tokens: Iterable[int]) -> str:
        """The text of tokens up to the first `<end>`, special ones left out."""
        return self.vocabulary.decode(tokens)

    def unknown(self, text: str) -> list[str]:
        """The words of a text that the vocabulary does not hold, each once."""
        return self.vocabulary.unknown(text)

    def pack(self, source: Source) -> Ragged:
        """The tokens of all texts, each as `<start> .. <end>`, at most `length`."""
        import torch

        from .ragged import Ragged

        if not isinstance(source, TextSource):
            raise other_kind(source, "text")
        packed, ends, cut = array("i"), array("q", [0]), 0
        for text in source:
            tokens = self.vocabulary.encode(text)
            cut += len(tokens) > self.length - 2
            packed.extend((START, *tokens[: self.length - 2], END))
            ends.append(len(packed))
        if cut:
            some = f"{cut} of {len(source)}" if source.whole is None else "some"  # said once, not part by part
            source.say(
                f"{some} texts are longer than {self.length - 2} {self.vocabulary.cutting.plural} and "
                "were cut there; length=N keeps more of them."
            )
        flat, starts = np.array(packed, np.int32), np.array(ends, np.int64)
        return Ragged(torch.from_numpy(flat), torch.from_numpy(starts), self.length)  # pyright: ignore[reportUnknownMemberType]

    def labelled(self, source: Source) -> Source:
        """The source; of a table the column of texts."""
        if isinstance(source, TableSource) and self.column in source.columns:
            told = self.label is None or source.labels is not None
            labelled = source if told else source.labelled(IfThere(self.label))
            return source_of_column(labelled, Reading(text=self.column))
        return source

    def restore(self, x: NDArray[Any], like: Source | None = None) -> list[str]:
        """The texts of tokens (n, T'), each up to its `<end>`."""
        del like  # all texts are strings
        return [self.text(row) for row in np.asarray(x).tolist()]
