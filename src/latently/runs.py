"""A run is a folder: what was asked, every event, a checkpoint to go on from, the model, pictures and a report."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from math import inf
from pathlib import Path
from typing import Any

import torch

from . import store
from .data import IfThere, Source
from .data import open as open_data
from .errors import InputError, ModelFileError, OutputError, ParameterError
from .estimator import Fitting, Latent
from .glimpses import Glimpses, Watcher
from .loading import load
from .models import MODELS
from .params import check, from_params, plain
from .progress import doing
from .train import Event
from .working import at_work, working

SETTINGS = {"model", "params", "data", "kind", "kinds", "size", "fingerprint"}
_MEMORY = {True: 0.0, False: inf}  # of a table, as it was opened at first: the fingerprint hangs on it
CHECKPOINT_EVERY = 2.0  # seconds: epochs of a small table take milliseconds, and a write that is safe takes 20 of them


class Run:
    """A training in a folder that can be killed at any moment and continued to the same end.

    Parameters
    ----------
    path
        The folder; made by `fit`.

    Examples
    --------
    >>> import numpy as np, tempfile, latently
    >>> run = latently.Run(tempfile.mkdtemp())
    >>> X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> events = list(run.fit(latently.AE(latent=2, epochs=3), X))
    >>> [event["epoch"] for event in events], run.load().transform(X).shape
    ([1, 2, 3], (60, 2))
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def settings_file(self) -> Path:
        return self.path / "run.json"

    @property
    def events_file(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def checkpoint_file(self) -> Path:
        return self.path / "checkpoint.safetensors"

    @property
    def model_file(self) -> Path:
        return self.path / "model.safetensors"

    @property
    def pictures(self) -> Path:
        return self.path / "pictures"

    @property
    def report_file(self) -> Path:
        return self.path / "report.html"

    @property
    def health_file(self) -> Path:
        return self.path / "health.json"

    @property
    def settings(self) -> dict[str, Any]:
        """What was asked: model, params, data, kinds, size, fingerprint, version.

        Raises
        ------
        ModelFileError
            The folder is not a run, or its settings cannot be read.
        """
        try:
            settings = dict(json.loads(self.settings_file.read_text("utf-8")))
        except FileNotFoundError as error:
            alone = (self.path / "model.safetensors").is_file()  # a detector, or a model that was saved there
            told = "holds a model alone, without a training to tell of; give a folder in which latently fit trained one"
            none = "is not a run folder (no run.json in it); give one that latently fit made"
            raise ModelFileError(f"{self.path} {told if alone else none}.") from error
        except (OSError, ValueError, TypeError) as error:
            raise ModelFileError(f"{self.settings_file} cannot be read ({error}); start a new run.") from error
        if settings.get("model") not in MODELS or not settings.keys() >= SETTINGS:
            raise ModelFileError(f"{self.settings_file} does not say what this version must know; start a new run.")
        return settings

    def load(self) -> Latent:
        """The trained model."""
        return load(self.path)

    def open(self, data: Any = None) -> Source:
        """The data that the run was started with, opened again in the same way.

        Parameters
        ----------
        data
            Where they are now; None where they are still at their path.
        """
        settings = self.settings
        if data is None and settings["data"] is None:
            raise ModelFileError(
                f"{self.path} was trained on data in memory, not from a path; hand the data over again."
            )
        size = tuple(settings["size"]) if settings["size"] else None
        place = settings["data"] if data is None else data
        own = settings["params"].get("memory")  # also for a series: it may be made of a table that is scanned
        table = settings["kind"] == "table"
        asked: dict[str, Any] = {
            "kind": settings["kind"],
            "kinds": settings["kinds"],
            "size": size,
            "memory": _MEMORY.get(settings.get("scanned", False), own) if table else own,
            **settings.get("reading", {}),
        }
        label = settings.get("labels")
        source = open_data(place, **asked, labels=None if label is None else IfThere(label))
        if data is None:  # what was said of them when they were learned
            source.notes = [*dict.fromkeys([*source.notes, *settings.get("notes", [])])]
        return source

    def fit(
        self,
        model: Latent,
        data: Any,
        *,
        kinds: Mapping[str, str] | None = None,
        size: tuple[int, int] | None = None,
        labels: Any = None,
        **reading: Any,
    ) -> Iterator[Event]:
        """Trains `model` on `data` in this folder: one event an epoch, everything written as it goes.

        Parameters
        ----------
        model
            Not yet fitted.
        data, kinds, size, labels, reading
            As `latently.open` takes them, `reading` being its options for texts and series (`unit`, `time` and so on);
            opened once the folder is known to be free and the parameters allowed.

        Raises
        ------
        OutputError
            The folder is not empty, or cannot be written.
        """
        self.check_free()
        check(model)
        new = not self.path.exists()
        asked: dict[str, Any] = {
            "data": _origin(data),
            "kind": None,
            "kinds": dict(kinds or {}),
            "size": size,
            "labels": labels if isinstance(labels, str | int) else None,
            "reading": reading,
            "fingerprint": None,
            "streams": None,
            "scanned": None,
        }
        self._write_settings(model, asked)  # before the work: a run that is killed while reading can be resumed
        try:
            with working(self.path):
                doing(f"Reading {_named(data)}")
                given: dict[str, Any] = {"memory": model.memory, **reading}
                source = open_data(data, kinds=kinds, size=size, labels=labels, **given)
                fitting = model.begin(source)
                asked = _of(source, fitting.streams)
        except Exception:
            self.settings_file.unlink(missing_ok=True)  # nothing was trained: leave the place as it was
            if new:
                self.path.rmdir()
            raise
        self._write_settings(model, asked)
        yield from self._train(model, fitting, source)

    def check_free(self) -> None:
        """Refuses a folder in which something is.

        Raises
        ------
        OutputError
            It is not empty, or a file.
        """
        if self.path.exists() and not self.path.is_dir():
            raise OutputError(f"{self.path} is a file, and a run is a folder; choose another name.")
        if self.path.exists() and any(self.path.iterdir()):
            raise OutputError(
                f"{self.path} is there and not empty; choose another folder, or resume the run that is in it."
            )

    def resume(
        self, data: Any = None, *, epochs: int | None = None, max_minutes: float | None = None
    ) -> Iterator[Event]:
        """Goes on from the last checkpoint, to exactly the weights of a run that was never stopped.

        Parameters
        ----------
        data
            The same data, where the run was not trained from a path or the path has changed.
        epochs
            A new number of epochs in all; None for the run's own.
        max_minutes
            A new time budget for this stretch; None for the run's own.

        Raises
        ------
        InputError
            The data are not the same as before.
        ModelFileError
            The folder is not a run or its checkpoint is broken.
        """
        settings = self.settings
        given = {"epochs": epochs, "max_minutes": max_minutes}
        params = {**settings["params"], **{name: value for name, value in given.items() if value is not None}}
        model = from_params(MODELS[settings["model"]], params, self.settings_file)
        with working(self.path):
            fitting, source = self._taken_up(model, settings, data)
            asked = _of(source, fitting.streams)
        done = len(fitting.training.history)
        if epochs is not None and epochs < done:
            raise ParameterError(f"epochs={epochs} is fewer than the {done} that {self.path} has done; give more.")
        self._write_settings(model, asked)
        yield from self._train(model, fitting, source)

    def _taken_up(self, model: Latent, settings: Mapping[str, Any], data: Any) -> tuple[Fitting, Source]:
        """The fit at its last checkpoint, and its data."""
        doing(f"Reading {_named(settings['data'] if data is None else data)}")
        source = self.open(data)
        if settings["fingerprint"] not in (None, source.fingerprint()):
            raise InputError(
                f"the data are not those that {self.path} was started with (their contents differ); give the same, "
                "or start a new run in another folder."
            )
        for left in self.path.glob(".*.part*"):  # of a write that was killed
            left.unlink()
        fitting = model.begin(source, streams=settings.get("streams"))  # not as memory is now: the order hangs on it
        if self.checkpoint_file.exists():
            header, arrays = store.read(self.checkpoint_file)
            tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
            try:
                fitting.training.load_state(header, tensors)
            except (KeyError, ValueError, RuntimeError) as error:
                reason = str(error).partition("\n")[0]
                raise ModelFileError(
                    f"{self.checkpoint_file} does not fit this run ({reason}); start a new run."
                ) from error
        return fitting, source

    @property
    def at_work(self) -> bool | None:
        """Whether a process trains it now; None where the system cannot tell."""
        return at_work(self.path)

    def glimpses(self) -> Glimpses:
        """What a few items became from epoch to epoch, also while the training goes on.

        Raises
        ------
        ModelFileError
            There are none: the run has not begun, or its model has no codes.
        """
        return Glimpses(self.path)

    def _train(self, model: Latent, fitting: Fitting, source: Source) -> Iterator[Event]:
        with working(self.path):
            yield from self._trained(model, fitting, source)

    def _trained(self, model: Latent, fitting: Fitting, source: Source) -> Iterator[Event]:
        training = fitting.training
        self._write_events(training.history)  # what a killed run told after its last checkpoint is told again
        self._checkpoint(fitting)
        written, watcher = time.monotonic(), Watcher(self.path, fitting, source)
        for event in training.events():
            self._append_event(event)
            if time.monotonic() - written > CHECKPOINT_EVERY:
                self._checkpoint(fitting)
                written = time.monotonic()
            watcher.look()
            yield event
        self._checkpoint(fitting)
        watcher.look(last=True)
        model.finish(fitting).save(self.model_file)

    def _checkpoint(self, fitting: Fitting) -> None:
        header, tensors = fitting.training.state()
        store.write(self.checkpoint_file, header, {name: t.detach().cpu().numpy() for name, t in tensors.items()})

    def _write_settings(self, model: Latent, asked: Mapping[str, Any]) -> None:
        settings = {"model": model.name, "params": plain(model), **asked, "latently": version("latently")}
        with store.atomic(self.settings_file) as part:
            part.write_text(json.dumps(settings, indent=2, ensure_ascii=False), "utf-8")

    def _write_events(self, events: list[Event]) -> None:
        with store.atomic(self.events_file) as part:
            part.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")

    def _append_event(self, event: Event) -> None:
        try:
            with self.events_file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event) + "\n")
        except OSError as error:
            raise OutputError(
                f"{self.events_file} cannot be written ({error.strerror}); make room, then resume."
            ) from error


def _origin(data: Any) -> str | None:
    """The absolute path that data come from, where they come from one."""
    if isinstance(data, Source):
        return data.origin
    return str(Path(data).expanduser().resolve()) if isinstance(data, str | Path) else None


def _named(data: Any) -> str:
    """What is read, as a person calls it."""
    return Path(data).name or str(data) if isinstance(data, str | Path) else "the data"


def _of(source: Source, streams: bool) -> dict[str, Any]:
    """What must be known of the data to open the same again."""
    keys = ("kind", "kinds", "size")
    asked = {k: getattr(source, k) for k in keys}
    return {
        "data": source.origin,
        **asked,
        "labels": source.label if source.label != "" else None,
        "reading": source.reading.given,
        "fingerprint": source.fingerprint(),
        "streams": streams,
        "scanned": source.scanned,
        "notes": source.notes,
    }
