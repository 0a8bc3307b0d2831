"""What the pages say, in the languages there are: one file of strings each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "ko": "한국어"}
_FOLDER = Path(__file__).parent / "strings"


@cache
def strings(language: str) -> dict[str, str]:
    """All strings of a language, by their keys."""
    return json.loads((_FOLDER / f"{language}.json").read_text("utf-8"))


@cache
def helps(language: str) -> dict[str, str]:
    """What parameters and models are for, by what they say themselves, in English."""
    path = _FOLDER / f"help.{language}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def language(asked: str | None, kept: str | None, accepted: str) -> str:
    """The language of a page: that of the address, that of the last visit, or the first of the browser's that is known.

    >>> language(None, None, "de-DE,ko;q=0.8,en;q=0.5"), language("ko", "en", "")
    ('ko', 'ko')
    """
    for one in (asked, kept, *(part.partition(";")[0].strip()[:2].lower() for part in accepted.split(","))):
        if one in LANGUAGES:
            return str(one)
    return "en"


def embedded(told: Mapping[str, object]) -> str:
    """JSON that can stand in a page: nothing in it ends the element that it stands in.

    >>> embedded({"a": "</script>"})
    '{"a": "\\\\u003c/script>"}'
    """
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
