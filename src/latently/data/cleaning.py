"""Cleaning: the rules by which a text becomes words, and words a text again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

_LATIN = "a-z0-9ß-öø-ɏḀ-ỿ"  # letters of the Latin script, accents and all, and digits
_APART = ".,!?;:'"
_ENDS = "s|t|d|m|ll|re|ve|er|st"  # what follows an apostrophe inside a word: it's, don't, o'er, think'st
_QUOTES = "\"'"
_FREE = "#@&*\\/†‡§"  # other punctuation that does not lean on the word before it
_LEANING = "~"  # no punctuation by its category, and written behind a word like it


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to clean.

    Parameters
    ----------
    clean
        A text as its characters are read.
    split
        A cleaned text as words, punctuation apart.
    join
        Words as a text, punctuation where it belongs.
    keeps
        Whether a line is an item at all.
    """

    clean: Callable[[str], str]
    split: Callable[[str], list[str]]
    join: Callable[[Sequence[str]], str]
    keeps: Callable[[str], bool] = lambda text: True

    def words(self, text: str) -> list[str]:
        """A text, cleaned, as words."""
        return self.split(self.clean(text))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@cache
def _unicode() -> re.Pattern[str]:
    """Words with their marks, flags, and single signs with what belongs to them; only white space is left over."""
    marks = f"[{_marks()}]"
    # \w alone parts a Hindi word at each of its vowel signs; both in one class find the same in six times the time
    run = rf"(?:\w+(?:{marks}+\w*)*|(?:{marks}+\w*)+)"
    word = rf"{run}(?:['’-]{run}|(?<=\d)[.,:](?=\d){run})*"  # don't, well-known, 3.14, 10:30
    sign = rf"[^\s\w](?:\u200d[^\s\w]|{marks}|[\U0001f3fb-\U0001f3ff])*"  # a family is one emoji, whatever its skin
    return re.compile(rf"(?!\s)(?:{word}|-{{2,}}|[\U0001f1e6-\U0001f1ff]{{2}}|{sign})")


def _marks() -> str:
    """The ranges of marks and invisible signs, as a regular expression writes them."""
    places = (*range(0x20000), *range(0xE0000, 0xE0200))  # they are nowhere else
    there = {i for i in places if unicodedata.category(chr(i)) in ("Mn", "Mc", "Me", "Cf")}
    firsts, lasts = (sorted(i for i in there if i + step not in there) for step in (-1, 1))
    return "".join(f"{re.escape(chr(a))}-{re.escape(chr(b))}" for a, b in zip(firsts, lasts, strict=True))


def _split_unicode(text: str) -> list[str]:
    return _unicode().findall(text)


def _join_unicode(words: Sequence[str]) -> str:
    """Words with spaces between them, but for signs that lean on a neighbour; straight quotes open and close in turn.

    >>> _join_unicode(["He", "said", ":", '"', "go", "(", "now", ")", "!", "!", '"'])
    'He said: "go (now)!!"'
    """
    text, before, close = "", "", True  # close: the sign before takes no space behind it
    opened: set[str] = set()
    for word in words:
        if word in _QUOTES:
            left, right = word in opened, word not in opened
            opened ^= {word}
        else:
            left, right = _leaning(word)
            left = left or (word == before and not word[0].isalnum())
        text += word if close or left else f" {word}"
        before, close = word, right
    return text


@cache
def _leaning(word: str) -> tuple[bool, bool]:
    """Whether no space stands before the word, and none behind it."""
    first, kind = word[0], unicodedata.category(word[0])
    if word[:2] in ("--", "—") or (kind[0] == "P" and unicodedata.east_asian_width(first) in "WF"):  # 、。「」
        return True, True
    behind = first in _LEANING or kind in ("Pe", "Pf") or (kind == "Po" and first not in f"{_FREE}{_QUOTES}¿¡")
    before = first in "#@¿¡/" or kind in ("Ps", "Pi", "Sc")
    return behind or first == "/", before


def _clean_latin(text: str) -> str:
    lower = re.sub("[‘’]", "'", unicodedata.normalize("NFC", text.lower()))
    lower = re.sub("[\u0300-\u036f]", "", lower)  # an accent that no letter has taken up
    return " ".join(re.sub(rf"[^{_LATIN}{_APART}]|÷", " ", lower).split())


def _split_latin(text: str) -> list[str]:
    return re.findall(rf"[{_LATIN}]+|[{_APART}]", text)


def _join_latin(words: Sequence[str]) -> str:
    """Words with spaces between them, punctuation behind its word, an apostrophe inside it or before it.

    >>> _join_latin("i don ' t know , ' tis o ' er !".split())
    "i don't know, 'tis o'er!"
    """
    text = re.sub(r" ([.,!?;:])", r"\1", " ".join(words))
    return re.sub(r"' ", "'", re.sub(rf" ' ({_ENDS})\b", r"'\1", text))


def _a_line(text: str) -> bool:
    return not text.rstrip().endswith(":") and bool(_split_latin(_clean_latin(text)))


RULES: dict[str, Rule] = {
    "unicode": Rule(_composed, _split_unicode, _join_unicode),
    "latin": Rule(_clean_latin, _split_latin, _join_latin, _a_line),
    "none": Rule(str, str.split, " ".join),
}
