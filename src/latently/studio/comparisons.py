"""Comparisons of runs: each computed once, one after the other, in a thread that no page waits for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import latently

from . import items
from .opened import inner, is_run
from .shelf import Shelf, Unknown

MOST = 12  # runs that are compared at once
KEPT = 16  # comparisons that are kept


class Comparisons:
    """What was asked to be compared over a folder of runs; it is gone with the studio.

    Parameters
    ----------
    shelf
        Where the runs are.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._found = OrderedDict[str, Future[dict[str, Any]]]()
        self._lock, self._turn = Lock(), Lock()

    def ask(self, runs: Sequence[str], odd: Sequence[str], n: int) -> str:
        """Begins to compare runs on the data of the first, unless that was done; gives the name of the comparison.

        Raises
        ------
        InputError
            There are none, too many, or a run that has no data of its own is the first.
        Unknown
            One of them is not there.
        """
        if not 1 <= len(runs) <= MOST or len(set(runs)) < len(runs):
            raise latently.InputError(f"choose from 1 to {MOST} runs to compare, each once.")
        paths = [self.shelf.path(run) for run in runs]
        if not is_run(paths[0]):
            raise latently.InputError(f"{runs[0]} is a model without a run and names no data; put a run first.")
        written = [path.stat().st_mtime_ns for path in map(_model, paths)]
        name = sha256(repr((*runs, *written, *odd, n)).encode()).hexdigest()[:16]
        with self._lock:
            known = self._found.get(name)
            if known is None or (known.done() and known.exception() is not None):  # what failed is tried again
                self._found[name] = answer = Future[dict[str, Any]]()
                asked = answer, dict(zip(runs, paths, strict=True)), [*odd], n
                Thread(target=self._work, args=asked, daemon=True).start()  # Ctrl-C waits for none
            self._found.move_to_end(name)
            while len(self._found) > KEPT and next(iter(self._found.values())).done():
                self._found.popitem(last=False)
        return name

    def _work(self, answer: Future[dict[str, Any]], *asked: Any) -> None:
        with self._turn:
            try:
                answer.set_result(_compared(*asked))
            except Exception as error:
                answer.set_exception(error)  # for who asks for it

    def found(self, name: str) -> dict[str, Any] | None:
        """What was found; None while it is computed.

        Raises
        ------
        LatentlyError
            The runs cannot be compared.
        Unknown
            There is no such comparison.
        """
        if name not in self._found:
            raise Unknown(f"there is no comparison {name[:40]!r}; ask for it again.")
        asked = self._found[name]
        return asked.result() if asked.done() else None


def _model(path: Path) -> Path:
    model = path if path.is_file() else path / "model.safetensors"
    if not model.exists():
        raise latently.ModelFileError(f"{path.name} has no model yet; wait for its training to end.")
    return model


def _compared(runs: dict[str, Path], odd: list[str], n: int) -> dict[str, Any]:
    models: dict[str, Any] = {
        run: inner(latently.load(path)) for run, path in runs.items()
    }  # none that others wait for
    source = latently.Run(next(iter(runs.values()))).open()
    found = latently.compare(models, source, odd=odd or None, n=n)
    rows = [_row(entry, found) for entry in found.entries]
    first = next(iter(models.values()))
    shown = {"names": found.shown.names, "items": items.told(first, found.shown.data)}
    about = {
        "items": found.items,
        "unseen": found.unseen,
        "notes": [*found.notes],
        "kind": found.shown.kind,
    }
    return {"runs": [*runs], **about, "columns": [*found.columns], "rows": rows, "shown": shown}


def _row(entry: Any, found: latently.Comparison) -> dict[str, Any]:
    """One row: its numbers, in which of them it is the best, and what it makes."""
    made = {
        name: None if part is None else items.told(entry.model, part)
        for name, part in (("restored", entry.restored), ("drawn", entry.drawn))
    }
    numbers = {key: entry.numbers.get(key) for key in found.columns}
    best = [key for key in found.columns if entry.name in found.best(key)]
    return {"name": entry.name, "kind": entry.kind, "numbers": numbers, "best": best, **made}
