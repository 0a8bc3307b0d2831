"""Trainings in processes of their own: closing the page or the studio ends none, and what each said is kept.

A training is the command `latently fit`; what it writes, its run folder, is all that the studio reads. So one that was
started at the terminal is seen as well, and one that was started here can be resumed there.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from itertools import chain, count
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

import latently

from .shelf import Entry, Shelf, Unknown

HIDDEN = ".studio"  # beside the runs: what each process is, and what it said
LONG = 200  # letters of a file's name
SHORT = 72  # of a suggested one, before its number
_CHILD = (  # a stop is Ctrl-C, also where the studio itself runs in the background and ignores it
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from latently.__main__ import main; main()"
)
_NAME = re.compile(r"[^\W_][\w. -]{0,79}")


class Jobs:
    """The trainings that were started over a folder of runs."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._mine = dict[str, subprocess.Popen[bytes]]()
        self._lock = Lock()

    def fit(
        self,
        name: str,
        data: str,
        model: str,
        params: Mapping[str, Any],
        label: str | None = None,
        reading: Mapping[str, Any] | None = None,
    ) -> str:
        """Starts a training in a new run; checked before, so that mistakes are said at once.

        Raises
        ------
        LatentlyError
            The name, the model, a parameter or the data are not allowed.
        """
        if model in latently.DETECTORS:
            raise latently.ParameterError(f"the studio trains no {model}; fit it with: latently fit DATA -m {model}")
        asked: latently.Latent = latently.make(model)
        declared = latently.parameters(type(asked))
        for key, value in params.items():
            if key not in declared:
                raise latently.ParameterError(f"{key} is no setting of {model}; leave it out.")
            declared[key].check(value, model)
        if not (Path(data).exists()):
            raise latently.InputError("the data are not there any more; choose or upload others.")
        if reading:
            latently.open(data, **reading)
        place = self._new(name)
        flags = [part for key, value in params.items() if value is not None for part in _flag(key, value)]
        flags += [part for key, value in (reading or {}).items() for part in _flag(key, value)]
        flags += [] if not label else [f"--label={label}"]
        return self._start(place, ["fit", data, "--model", model, f"--out={self.shelf.folder / place}", *flags])

    def demo(self) -> str:
        """Trains the first model, on handwritten digits."""
        return self._start("demo/run", ["demo", f"--out={self.shelf.folder / 'demo'}"])

    def resume(self, run: str, epochs: int | None = None) -> str:
        """Goes on with a run, to a number of epochs in all."""
        path = self.shelf.path(run)
        if self.running(run):
            raise latently.InputError(f"{run} is being trained already; stop it first.")
        more = [] if epochs is None else [f"--epochs={epochs}"]
        return self._start(run, ["fit", "--resume", f"--out={path}", *more])

    def suggested(self, like: str) -> str:
        """A name that a new run may have, made of the letters of another: one that is not taken."""
        text = re.sub(r"[^\w. -]+", "-", like).lstrip("_-. ")[:SHORT].rstrip(". ").removesuffix(".safetensors") or "run"
        names = chain([text], (f"{text}-{i}" for i in count(2)))
        return next(name for name in names if not (self.shelf.folder / name).exists() and not self.running(name))

    def stop(self, run: str) -> None:
        """Asks a training to end, as Ctrl-C does; its checkpoint is kept."""
        pid = self._pid(run)
        if pid is None:
            raise Unknown(f"{run} is not being trained; there is nothing to stop.")
        os.kill(pid, signal.SIGINT)

    def running(self, run: str) -> bool:
        """Whether its process is at work."""
        return self._pid(run) is not None

    def said(self, run: str) -> str:
        """The last thing that its process said that went wrong; "" where nothing did."""
        errors = self._lines(run, "Error: ")
        return errors[-1] if errors else ""

    def noted(self, run: str) -> list[str]:
        """What its process noted, each once."""
        return [*dict.fromkeys(self._lines(run, "Note: "))]

    def _lines(self, run: str, begun: str) -> list[str]:
        try:
            lines = self._file(run, "log").read_text("utf-8", "replace").splitlines()
        except OSError:
            return []
        return [line.removeprefix(begun) for line in lines if line.startswith(begun)]

    def judged(self, found: Entry) -> Entry:
        """A run that nobody trains as its process left it: failed where that said why, else as the folder tells."""
        if found.state != "interrupted":
            return found
        if self.running(found.id):
            return replace(found, state="training")  # it has yet to open its data
        why = self.said(found.id)
        return replace(found, state="failed", reason=why) if why else found

    def started(self) -> list[str]:
        """All runs whose process was started here and is at work or said what went wrong, also without a folder."""
        files = sorted((self.shelf.folder / HIDDEN).glob("*.json"), key=_written, reverse=True)
        known = [told["run"] for told in map(_told, files) if told is not None]
        mine = [run for run in dict.fromkeys(known) if self._read(run) is not None]
        return [run for run in mine if self.running(run) or self.said(run)]

    def _start(self, run: str, arguments: list[str]) -> str:
        with self._lock:
            if self.running(run):
                raise latently.InputError(f"{run} is being trained already; wait for it, or stop it.")
            (self.shelf.folder / HIDDEN).mkdir(parents=True, exist_ok=True)
            with self._file(run, "log").open("wb") as log:
                child = subprocess.Popen(
                    [sys.executable, "-c", _CHILD, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self._mine[run] = child
            self._keep(run, child.pid)
        return run

    def _keep(self, run: str, pid: int) -> None:
        path = self._file(run, "json")
        beside = path.with_suffix(".part")  # nobody reads a half
        beside.write_text(json.dumps({"run": run, "pid": pid}), "utf-8")
        beside.replace(path)

    def _read(self, run: str) -> dict[str, Any] | None:
        """What was kept of its process."""
        told = _told(self._file(run, "json"))
        return told if told is not None and told["run"] == run else None

    def _pid(self, run: str) -> int | None:
        """Its process, where it is at work and still the one that was started."""
        if run in self._mine:
            return self._mine[run].pid if self._mine[run].poll() is None else None
        told = self._read(run)
        if told is None:
            return None
        pid = told["pid"]
        try:
            os.kill(pid, 0)
        except (OSError, OverflowError):
            return None
        asked = Path(f"/proc/{pid}/cmdline")  # a number is given again to others
        return pid if not asked.exists() or b"latently.__main__" in asked.read_bytes() else None

    def _new(self, name: str) -> str:
        if not _NAME.fullmatch(name) or name.endswith((".", " ", ".safetensors")):
            raise latently.InputError(
                f"{name!r} is no name for a run; give letters, digits, blanks, points or hyphens, 80 at most."
            )
        if (self.shelf.folder / name).exists():
            raise latently.InputError(f"there is a run or folder {name!r} already; choose another name.")
        return name

    def _file(self, run: str, ending: str) -> Path:
        slug = quote(run, safe="")  # another for each run
        if len(slug) > LONG:
            slug = f"{slug[:LONG]}-{sha256(run.encode()).hexdigest()[:16]}"
        return self.shelf.folder / HIDDEN / f"{slug}.{ending}"


def _told(path: Path) -> dict[str, Any] | None:
    """A run and its process, as they were kept; None where that cannot be read."""
    try:
        told = json.loads(path.read_text("utf-8"))
        return {"run": str(told["run"]), "pid": int(told["pid"])}
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # taken away meanwhile
        return 0.0


def _flag(key: str, value: Any) -> list[str]:
    """A parameter on the command line; joined by =, so that no value is taken for a flag.

    >>> _flag("batch_size", 32), _flag("compile", True)
    (['--batch-size=32'], ['--compile'])
    """
    name = key.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    return [f"--{name}={value}"]
