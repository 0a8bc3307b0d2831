"""Of which encoding bytes seem to be that are not UTF-8."""

from __future__ import annotations

from pathlib import Path

OLD = {"cp949": ("\uac00", "\ud7a3"), "cp932": ("\u3040", "\u30ff")}  # and the signs that tell it: Hangul, kana
LOOKED = 2**16  # bytes


def remedy(path: Path, data: bytes) -> str:
    """What to do about a file with these bytes, which are not UTF-8: the last clause of a sentence.

    >>> remedy(Path("a.csv"), "이름,나이".encode("cp949"))
    'it looks like CP949, so convert it with: iconv -f CP949 -t UTF-8 a.csv > a-utf8.csv'
    >>> remedy(Path("a.csv"), "été".encode("latin-1"))
    'save the file again with the encoding UTF-8.'
    """
    encoding = _seeming(data[:LOOKED])
    if encoding is None:
        return "save the file again with the encoding UTF-8."
    if path.suffix.lower() == ".gz":
        return f"it looks like {encoding}; unpack it, and save it again with the encoding UTF-8."
    new = path.with_name(f"{path.stem}-utf8{path.suffix}")
    return f"it looks like {encoding}, so convert it with: iconv -f {encoding} -t UTF-8 {path} > {new}"


def _seeming(data: bytes) -> str | None:
    """The encoding in which most signs that are not Latin are of one script."""
    for encoding, (first, last) in OLD.items():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            if len(data) < LOOKED or error.start < len(data) - 2:  # a sign that was cut is no fault
                continue
            text = data[: error.start].decode(encoding)
        signs = [sign for sign in text if sign > "\x7f"]
        if signs and sum(first <= sign <= last for sign in signs) > len(signs) / 2:
            return encoding.upper()
    return None
