"""Texts to files: a line each, or a line of JSON each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..store import atomic


def write_texts(path: Path, texts: Iterable[Any] | None, names: Sequence[str] | None, labels: Any) -> None:
    """Writes texts; see `latently.write`.

    Raises
    ------
    InputError
        The ending is for other items, these are no texts, or one of them does not fit on a line.
    """
    ending = path.suffix.lower()
    if texts is None:
        raise InputError(f"{path} is for texts, but none were given; choose .csv, .parquet or .npy.")
    if ending not in TEXTS:
        raise InputError(f"texts cannot be written to {path}; choose {' or '.join(TEXTS)}.")
    written = TEXTS[ending](path, ["" if text is None else str(text) for text in texts], names, labels)
    with atomic(path) as part:
        part.write_text("".join(f"{line}\n" for line in written), "utf-8", newline="\n")


def _lines(path: Path, texts: list[str], names: Sequence[str] | None, labels: Any) -> list[str]:
    del names, labels  # a line has no room for them
    for place, text in enumerate(texts):
        if "\n" in text or "\r" in text:
            raise InputError(f"text {place} holds a line break and {path} has one text a line; choose .jsonl.")
    return texts


def _json_lines(path: Path, texts: list[str], names: Sequence[str] | None, labels: Any) -> list[str]:
    del path
    if names is None and labels is None:
        return [json.dumps(text, ensure_ascii=False) for text in texts]
    columns: dict[str, Sequence[Any]] = {"name": names or [], "text": texts}
    if labels is not None:
        columns["label"] = np.asarray(labels).tolist()
    there = {key: values for key, values in columns.items() if len(values)}
    return [
        json.dumps(dict(zip(there, row, strict=True)), ensure_ascii=False) for row in zip(*there.values(), strict=True)
    ]


TEXTS: dict[str, Callable[[Path, list[str], Sequence[str] | None, Any], list[str]]] = {
    ".txt": _lines,
    ".jsonl": _json_lines,
}
