"""Texts on disk: lines, JSON lines, and folders of documents."""

from __future__ import annotations

import codecs
import gzip
import json
import os
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..errors import InputError
from .encodings import remedy
from .folder import folders
from .source import Asked, IfThere, say, tidy
from .texts import TextSource, chosen, cleaned, named, source_of_texts

_MARKS = {  # the longer first: UTF-32's begins like UTF-16's
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
LONG = 1000  # characters of a file's only line from which more lines were surely meant


def lines(path: Path, asked: Asked) -> TextSource:
    """The lines of a text file; empty ones are left out.

    Raises
    ------
    InputError
        The file is empty, is no text, or has a byte that is not of its encoding.
    """
    data = utf8(path)
    starts, ends, place = list[int](), list[int](), 0
    for line in BytesIO(data):
        text = line.removesuffix(b"\n")
        if text.decode().strip():
            starts.append(place)
            ends.append(place + len(text))
        place += len(line)
    if not starts:
        raise InputError(f"{path} is empty; give a file with a text a line.")
    number = data.count(b"\n") + (not data.endswith(b"\n"))
    notes: list[str] = []
    if left := number - len(starts):
        notes.append(f"{left} of {number} lines of {path.name} are empty and were left out; texts are counted from 0.")
    if len(starts) == 1 and ends[0] - starts[0] > LONG:
        notes.append(f"{path.name} is a single line and so a single text; put each text on a line of its own.")
    source = TextSource(
        np.frombuffer(data, np.uint8),
        np.array(starts, np.int64),
        np.array(ends, np.int64),
        reading=asked.reading,
        notes=say(notes),
        origin=str(path.absolute()),
    )
    return cleaned(source)


def json_lines(path: Path, asked: Asked) -> TextSource:
    """The texts of a file with a JSON value a line: strings, or objects with a field of texts.

    Raises
    ------
    InputError
        A line is no JSON, or neither a string nor an object with that field; which field is meant is not clear.
    """
    cells = {
        number: _value(path, number, line) for number, line in enumerate(utf8(path).splitlines(), 1) if line.strip()
    }
    if not cells:
        raise InputError(f"{path} is empty; give a file with a JSON value a line.")
    first = next(iter(cells.values()))
    for number, cell in cells.items():
        if type(cell) is not type(first) or not isinstance(cell, str | dict):
            raise InputError(
                f"{path}, line {number}: {str(cell)[:40]!r} is neither a string nor an object, or not what the first "
                "line is; give one of them in every line."
            )
    common: dict[str, Any] = {"origin": str(path.absolute())}
    if isinstance(first, str):
        return source_of_texts(cells.values(), asked.reading, **common)
    return _of_fields(path, [*cells.values()], asked, common)


def _value(path: Path, number: int, line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise InputError(f"{path}, line {number}: this is no JSON ({error}); mend the line.") from error


def _of_fields(path: Path, objects: list[dict[str, Any]], asked: Asked, common: dict[str, Any]) -> TextSource:
    """The source of objects: one field holds the texts, another one may hold the labels."""
    names = [*dict.fromkeys(name for each in objects for name in each)]
    absent = isinstance(asked.label, IfThere) and asked.label not in names
    label = None if asked.label is None or absent else named(names, asked.label, "labels", str(path), "field")
    texts = [
        name
        for name in names
        if name != label and {type(each.get(name)) for each in objects} in ({str}, {str, type(None)})
    ]
    name = chosen(names, texts, asked.reading.text, str(path), "field")
    if label is not None:
        common |= {"labels": tidy([each.get(str(label)) for each in objects]), "label": label}
    return source_of_texts([each.get(str(name)) for each in objects], asked.reading, **common)


def folder_of_texts(path: Path, asked: Asked) -> TextSource | None:
    """The .txt files of a folder, each a text; the folders they are in are their labels. None where pictures are there.

    Raises
    ------
    InputError
        None of the files can be read as a text.
    """
    files, others = _found(path, asked)
    if not files:
        return None
    texts: dict[str, str] = {}
    faults: list[str] = []
    for file in files:
        try:
            texts[file.relative_to(path).as_posix()] = _document(file)
        except InputError as error:
            faults.append(str(error))
    if not texts:
        raise InputError(f"{path} holds no text that can be read among its {len(files)} files: {faults[0]}")
    notes = [f"{len(faults)} of {len(files)} files were left out, the first of them: {faults[0]}"] if faults else []
    notes += [f"{others} of {others + len(files)} files are no .txt and were left out."] if others else []
    return source_of_texts(
        texts.values(),
        asked.reading,
        names=[*texts],
        labels=folders([*texts]),
        notes=say(notes),
        origin=str(path.absolute()),
    )


def _found(root: Path, asked: Asked) -> tuple[list[Path], int]:
    """The .txt files below a folder, and how many others; none where there are pictures and nobody said texts."""
    found, others = list[Path](), 0
    pictures = {ending for ending, form in Image.registered_extensions().items() if form in Image.OPEN}  # no .pdf
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if not name.startswith((".", "__"))]
        endings = {name: Path(name).suffix.lower() for name in names if not name.startswith(".")}
        if asked.kind != "text" and not pictures.isdisjoint(endings.values()):
            return [], 0
        found += [Path(folder, name) for name, ending in endings.items() if ending == ".txt"]
        others += sum(ending != ".txt" for ending in endings.values())
    return sorted(found), others


def _document(file: Path) -> str:
    text = utf8(file).decode()
    if not text.strip():
        raise InputError(f"{file} is empty.")
    return text


def utf8(path: Path) -> bytes:
    """The text of a file as UTF-8 with plain line ends: UTF-8, or what its mark at the beginning says.

    Raises
    ------
    InputError
        The file cannot be read, holds a zero byte, or a byte that is not of the encoding: its line and place are named.
    """
    try:
        data = gzip.decompress(path.read_bytes()) if path.name.lower().endswith(".gz") else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read: {error}; check the file and its permissions.") from error
    data = data.removeprefix(codecs.BOM_UTF8)
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in data:
        raise InputError(
            f"{path}, {_place(data, data.index(0))} is zero: this is no text; give a text file, saved as UTF-8."
        )
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}, {_place(data, error.start, encoding)} (0x{data[error.start]:02x}) is not "
            f"{encoding.upper()}; {remedy(path, data)}"
        ) from error
    if encoding != "utf-8":
        data = text.encode()
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def _place(data: bytes, at: int, encoding: str = "utf-8") -> str:
    """Line and byte, counted from 1.

    >>> _place(b"one\\ntwo", 5)
    'line 2: byte 2 of the line'
    """
    if encoding != "utf-8":
        return f"byte {at + 1} of the file"
    line, before = data.count(b"\n", 0, at) + 1, data.rfind(b"\n", 0, at)
    return f"line {line}: byte {at - before} of the line"
