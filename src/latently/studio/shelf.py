"""The runs of a folder: which there are, in what state, and one opened; nothing outside the folder is reachable."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import latently

from .opened import Opened, is_run

MODEL = "model.safetensors"  # what a model is called in a folder of its own
DEEP = 3  # folders below the one that is served in which runs are looked for
HELD = 4  # opened runs that are kept in memory


class Unknown(latently.InputError):
    """There is no such run, item or page."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A run or a model file on the shelf.

    Parameters
    ----------
    id
        Its path below the folder, with slashes; of the folder itself ".".
    model, kind
        What was trained, on what; "" where that cannot be told.
    state
        "ready"; "training", where no model was saved yet; "interrupted", where none was and no process trains it any
        more; "failed", where that process said why; "refused", where it cannot be read.
    reason
        Why it failed or was refused.
    modified
        When it was last written, in seconds since 1970.
    run
        Whether it is a run, which says what data it was trained on; else a model's file, or a folder that holds one.
    """

    id: str
    model: str
    kind: str
    state: str
    reason: str
    modified: float
    run: bool = True


class Shelf:
    """The runs below a folder.

    Parameters
    ----------
    folder
        Where runs are; it need not be there yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._opened = OrderedDict[tuple[str, float], Opened]()
        self._lock = Lock()

    def entries(self) -> list[Entry]:
        """All runs and model files, the latest first."""
        found = [entry(path, self._id(path)) for path in _below(self.folder, DEEP)]
        return sorted(found, key=lambda e: -e.modified)

    def path(self, id: str) -> Path:
        """The place of a run.

        Raises
        ------
        Unknown
            There is none, or it is outside the folder.
        """
        path = (self.folder / id).resolve() if "\0" not in id else self.folder / "?"
        there = path.is_file() if path.suffix == ".safetensors" else is_run(path) or (path / MODEL).is_file()
        if not there or not path.is_relative_to(self.folder):
            raise Unknown(f"there is no run {id!r} in {self.folder}; choose one that is listed.")
        return path

    def open(self, id: str) -> Opened:
        """A run with its model loaded; loaded again once it was trained further.

        Raises
        ------
        Unknown
            There is no such run.
        ModelFileError
            Its model is refused, or its training has not ended.
        """
        path = self.path(id)
        key = id, _modified(path)
        with self._lock:
            if key not in self._opened:
                self._opened[key] = Opened(path, latently.load(path))
            self._opened.move_to_end(key)
            while len(self._opened) > HELD:
                self._opened.popitem(last=False)
            return self._opened[key]

    def _id(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def entry(path: Path, id: str) -> Entry:
    """What is known of a run without loading its model."""
    modified = _modified(path)
    try:
        if not is_run(path):
            header = latently.describe(path)
            return Entry(id, header["model"], header["codec"]["kind"], "ready", "", modified, run=False)
        run = latently.Run(path)
        settings, dead = run.settings, run.at_work is False
        state = "ready" if (path / MODEL).is_file() else "interrupted" if dead else "training"
        return Entry(id, settings["model"], settings["kind"] or "", state, "", modified)
    except (latently.ModelFileError, KeyError, OSError) as error:
        return Entry(id, "", "", "refused", str(error), modified, is_run(path))


def events(path: Path) -> list[dict[str, Any]]:
    """What a training told so far; a line that is being written is left for later."""
    try:
        lines = (path / "events.jsonl").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    told = list[dict[str, Any]]()
    for line in lines:
        try:
            told.append(json.loads(line))
        except ValueError:
            break
    return told


def _modified(path: Path) -> float:
    for one in (path / MODEL, path / "run.json", path):
        try:
            return one.stat().st_mtime
        except OSError:
            continue
    return 0.0


def _below(folder: Path, deep: int) -> Iterator[Path]:
    """Run folders and model files, a run's own files left out; links and what cannot be read too.

    A folder below the first one that holds a model stands for it, as to every command.
    """
    if is_run(folder):
        yield folder
        return
    try:
        inside = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError:
        return
    for one in inside:
        if one.name.startswith("."):
            continue
        if one.is_dir(follow_symlinks=False):
            if deep:
                yield from _below(Path(one.path), deep - 1)
        elif one.name.endswith(".safetensors") and one.is_file(follow_symlinks=False):
            yield folder if one.name == MODEL and deep < DEEP else Path(one.path)
