"""Vocabularies: a text as whole numbers and back, by word, by character or by sub-word."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

from ..spec import END, UNKNOWN
from . import subwords
from .cleaning import RULES, Rule
from .subwords import Merge

SPECIAL = ("<pad>", "<start>", "<end>", "<unk>")


class Unit(ABC):
    """What a token is.

    Parameters
    ----------
    rule
        By which texts are cleaned.
    words, merges
        The vocabulary, for units that cut by it.
    """

    plural: ClassVar[str]
    most: ClassVar[int]  # tokens that are kept where nobody says how many, all but the padding
    separator: ClassVar[str]  # between tokens that are shown one by one

    def __init__(self, rule: Rule, words: Sequence[str] = (), merges: Sequence[Merge] = ()) -> None:
        self.rule, self.pieces, self.merges = rule, words, merges

    @abstractmethod
    def cut(self, text: str) -> list[str]:
        """A text as tokens."""

    @abstractmethod
    def join(self, tokens: Iterable[str]) -> str:
        """Tokens as a text."""

    def parts(self, text: str) -> list[str]:
        """A text as what a person would call known or unknown."""
        return self.cut(text)

    def learn(self, texts: Iterable[str], most: int) -> tuple[list[str], list[Merge]]:
        """At most so many tokens, the special ones first, then by falling frequency and alphabetically; and merges."""
        counts = Counter[str]()
        for text in texts:
            counts.update(self.cut(text))
        falling = sorted(counts, key=lambda token: (-counts[token], token))
        return [*SPECIAL, *falling[: most - len(SPECIAL)]], []


class Words(Unit):
    plural: ClassVar = "words"
    most: ClassVar = 7000  # 98 % of all words of Shakespeare's plays, by the Latin rule
    separator: ClassVar = " "

    def cut(self, text: str) -> list[str]:
        return self.rule.words(text)

    def join(self, tokens: Iterable[str]) -> str:
        return self.rule.join([*tokens])


class Characters(Unit):
    plural: ClassVar = "characters"
    most: ClassVar = 3000  # the 2,350 syllables of Korean that are in use, with letters, digits and signs
    separator: ClassVar = ""

    def cut(self, text: str) -> list[str]:
        return [*self.rule.clean(text)]

    def join(self, tokens: Iterable[str]) -> str:
        return "".join(tokens)


class Subwords(Unit):
    plural: ClassVar = "sub-words"
    most: ClassVar = 5000
    separator: ClassVar = ""  # a piece begins with its own space

    @cached_property
    def _cutter(self) -> Any:
        return subwords.cutter(self.pieces, self.merges, SPECIAL[UNKNOWN])

    def _plain(self, text: str) -> str:
        return " ".join(self.rule.clean(text).split())

    def cut(self, text: str) -> list[str]:
        return self._cutter.encode(self._plain(text)).tokens

    def join(self, tokens: Iterable[str]) -> str:
        return subwords.joined(tokens)

    def parts(self, text: str) -> list[str]:
        return self._plain(text).split()

    def learn(self, texts: Iterable[str], most: int) -> tuple[list[str], list[Merge]]:
        return subwords.learn([self._plain(text) for text in texts], most, SPECIAL)


UNITS: dict[str, type[Unit]] = {"word": Words, "character": Characters, "bpe": Subwords}


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model tells apart, each one's place its number.

    Parameters
    ----------
    unit
        What a token is: "word", "character" or "bpe".
    clean
        By which rule texts are cleaned: "unicode", "latin" or "none".
    words
        All V tokens, `<pad>`, `<start>`, `<end>` and `<unk>` first. A token of a text that is written like one of these
        is another one than it.
    merges
        Of "bpe": which two neighbours become one, in their order.

    Examples
    --------
    >>> vocabulary = Vocabulary.learn("word", "unicode", ["The cat sat.", "The dog sat!"], most=7000)
    >>> vocabulary.words[4:]
    ('The', 'sat', '!', '.', 'cat', 'dog')
    >>> vocabulary.encode("The bird sat.")
    [4, 3, 5, 7]
    >>> vocabulary.decode([1, 4, 9, 5, 6, 2, 0, 0])
    'The dog sat!'
    """

    unit: str
    clean: str
    words: tuple[str, ...]
    merges: tuple[Merge, ...] = ()

    @classmethod
    def learn(cls, unit: str, clean: str, texts: Iterable[str], most: int | None = None) -> Self:
        """The commonest tokens of `texts`, at most `most` with all special ones but the padding."""
        kind = UNITS[unit]
        words, merges = kind(RULES[clean]).learn(texts, 1 + (most or kind.most))
        return cls(unit, clean, tuple(words), tuple(merges))

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def cutting(self) -> Unit:
        """What cuts a text and joins tokens."""
        return UNITS[self.unit](RULES[self.clean], self.words, self.merges)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.words) if place >= len(SPECIAL)}

    def encode(self, text: str) -> list[int]:
        """The numbers of a text's tokens, without start and end; `<unk>` for one that is not kept."""
        places = self._places
        return [places.get(token, UNKNOWN) for token in self.cutting.cut(text)]

    def decode(self, tokens: Iterable[int]) -> str:
        """The text up to the first `<end>`; special tokens are left out."""
        kept: list[str] = []
        for token in tokens:
            if token == END:
                break
            if token > UNKNOWN:
                kept.append(self.words[token])
        return self.cutting.join(kept)

    def unknown(self, text: str) -> list[str]:
        """What of a text is not kept, each once, in its order: words, or characters where these are the tokens."""
        parts = self.cutting.parts(text)
        return [part for part in dict.fromkeys(parts) if UNKNOWN in self.encode(part)]
