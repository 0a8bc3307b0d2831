"""Of which encoding bytes seem to be that are not UTF-8."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def _hangul(sign: str) -> bool:
    """Whether it is one of the 2,350 syllables in use: any two bytes may be one of the 8,822 others."""
    return "\uac00" <= sign <= "\ud7a3" and len(sign.encode("euc_kr")) == 2


def _kana(sign: str) -> bool:
    return "\u3040" <= sign <= "\u30ff"


OLD: dict[str, Callable[[str], bool]] = {"cp949": _hangul, "cp932": _kana, "cp1252": str.isalpha}  # what tells it
LOOKED = 2**16  # bytes


def remedy(path: Path, data: bytes) -> str:
    """What to do about a file with these bytes, which are not UTF-8: the last clause of a sentence.

    >>> remedy(Path("a.csv"), "이름,나이".encode("cp949"))
    'it looks like CP949, so convert it with: iconv -f CP949 -t UTF-8 a.csv > a-utf8.csv'
    >>> remedy(Path("a.csv"), "été".encode("cp1252"))
    'it looks like CP1252, so convert it with: iconv -f CP1252 -t UTF-8 a.csv > a-utf8.csv'
    """
    encoding = _seeming(data[:LOOKED])
    if encoding is None:
        return "save the file again with the encoding UTF-8."
    if path.suffix.lower() == ".gz":
        return f"it looks like {encoding}; unpack it, and save it again with the encoding UTF-8."
    new = path.with_name(f"{path.stem}-utf8{path.suffix}")
    return f"it looks like {encoding}, so convert it with: iconv -f {encoding} -t UTF-8 {path} > {new}"


def _seeming(data: bytes) -> str | None:
    """The encoding in which most signs beyond ASCII are letters of its script."""
    for encoding, own in OLD.items():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            if len(data) < LOOKED or error.start < len(data) - 2:  # a sign that was cut is no fault
                continue
            text = data[: error.start].decode(encoding)
        signs = [sign for sign in text if sign > "\x7f"]
        if signs and sum(map(own, signs)) > len(signs) / 2:
            return encoding.upper()
    return None
