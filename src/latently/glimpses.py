"""What a few items become from epoch to epoch, kept in the run's folder while it trains, for whoever watches.

A glimpse is the codes of some items on two axes, a handful of items as they are restored, and as many that are drawn.
It changes nothing of the training: no generator is drawn from, no weight is touched.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from . import store
from .autoencoder import Autoencoder
from .data import Codec, Source, codec_from_json
from .errors import ModelFileError, OutputError
from .estimator import Fitting
from .estimator.passes import Use, decoded, run

FOLDER = "glimpses"
EVERY = 1.0  # seconds between two, at least
SHARE = 0.03  # of the time of a training that glimpses may take
MAPPED = 300  # items on the map
SHOWN = 12  # items that are restored, and that are drawn
NUMBERS = 2**17  # in the items that are shown, at most: of larger ones fewer are shown, or none
KEPT = 48  # of a run; of more every other one is left out

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """Some items after an epoch.

    Parameters
    ----------
    epoch
        How many epochs had been trained.
    places
        (n, 2) their codes on two axes, turned so that they follow those of the glimpse before.
    restored, drawn
        Items in the types that the data came in: the first as they are restored, and made of drawn codes.
    """

    epoch: int
    places: NDArray[np.float32]
    restored: Any
    drawn: Any


class Glimpses:
    """The glimpses that a run has kept.

    Parameters
    ----------
    path
        The run's folder.

    Raises
    ------
    ModelFileError
        There are none, or what they are of cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.folder = path / FOLDER
        header, self._tensors = store.read(self.folder / "items.safetensors")
        try:
            self.codec_: Codec = codec_from_json(header["codec"])
            self.labels: list[str | None] = list(header["labels"])
        except (LookupError, TypeError, ValueError) as error:
            raise ModelFileError(f"{self.folder} does not say what its glimpses are of; train the run anew.") from error

    @property
    def epochs(self) -> list[int]:
        """After which epochs there is one, the earliest first; 0 is before the training."""
        return _epochs(self.folder)

    @property
    def kind(self) -> str:
        """Of the data."""
        return self.codec_.spec.kind

    @property
    def items(self) -> Any:
        """The items that are restored, as they came."""
        return self._items(self._tensors.get("items"))

    def at(self, epoch: int) -> Glimpse:
        """One of them."""
        tensors = store.read(_file(self.folder, epoch))[1]
        restored, drawn = (self._items(tensors.get(name)) for name in ("restored", "drawn"))
        return Glimpse(epoch, tensors["places"], restored, drawn)

    def _items(self, x: Array | None) -> Any:
        return None if x is None else self.codec_.restore(x)


class Watcher:
    """Takes glimpses of a training, at most one a second, and few enough that the training hardly takes longer.

    Parameters
    ----------
    path
        The run's folder.
    fitting
        The fit under way.
    source
        Its data.
    """

    def __init__(self, path: Path, fitting: Fitting, source: Source) -> None:
        self.folder, self.fitting = path / FOLDER, fitting
        self.module: Autoencoder = fitting.training.model
        n = len(fitting.held_out) or len(source)
        spread = np.unique(np.linspace(0, n - 1, MAPPED).astype(np.int64))  # of sorted items the first would be alike
        chosen = torch.from_numpy(np.random.default_rng(0).permutation(spread))
        self.rows = fitting.held_out[chosen] if len(fitting.held_out) else chosen
        self.stride, self.spent, self.next, self.before = 1, 0.0, 0.0, self._last()
        self.blind = not self.module.bottleneck.features  # an empty code: nothing to see
        spec = fitting.codec.spec
        self.shown = min(SHOWN, NUMBERS // max(1, spec.size), len(self.rows))
        if not self.blind:
            with suppress(OutputError):
                self._begin(source)

    def _begin(self, source: Source) -> None:
        labels: list[Any] = [] if source.labels is None else source.labels[self.rows.numpy()].tolist()
        known = [None if label == "" or label != label else str(label) for label in labels] or [None] * len(self.rows)
        for left in self.folder.glob(".*.part*"):  # of a write that was killed
            left.unlink()
        header = {"codec": self.fitting.codec.to_json(), "labels": known}
        items = {"items": self._whole(self._over(_same, self.shown))} if self.shown else {}
        store.write(self.folder / "items.safetensors", header, items)
        if not self.fitting.training.history:
            self.look()

    def _last(self) -> Array | None:
        """The newest places that a training kept which is gone on with; None where there are none of these items."""
        done = [epoch for epoch in _epochs(self.folder) if epoch <= len(self.fitting.training.history)]
        with suppress(ModelFileError, KeyError):
            places: Array = store.read(_file(self.folder, done[-1]))[1]["places"] if done else np.zeros(0)
            if places.shape == (len(self.rows), 2) and np.isfinite(places).all():
                return places.astype(np.float64)
        return None

    def look(self, last: bool = False) -> None:
        """Takes a glimpse where it is time for one, or at the end."""
        epoch, now = len(self.fitting.training.history), time.monotonic()
        if self.blind or (now < self.next and not last):
            return
        with suppress(OutputError):  # a full disk is said by what cannot be left out
            store.write(_file(self.folder, epoch), {"epoch": epoch}, self._seen())
            self._thin()
        took = time.monotonic() - now
        self.next = now + max(EVERY, took / SHARE)

    @torch.inference_mode()
    def _seen(self) -> dict[str, Array]:
        training = self.module.training
        try:
            self.module.eval()
            codes = self._over(self._coded, len(self.rows)).astype(np.float64)
            places = _followed(_flat(codes), self.before)
            self.before = places
            found = {"places": places.astype(np.float32)}
            if self.shown:
                found["restored"] = self._whole(self._over(self._restored, self.shown))
                if not self.module.handed:
                    classes = self.module.classes
                    labels = np.arange(self.shown) % classes if classes else None
                    drawn = _drawn(codes, self.shown, self.module.bottleneck.drawn)
                    found["drawn"] = self._whole(decoded(self.module, drawn, self.module.decode, labels))
            return found
        finally:
            self.module.train(training)

    def _coded(self, x: Tensor, _: Tensor | None) -> Tensor:
        return self.module.encode(x).mean

    def _restored(self, x: Tensor, _: Tensor | None) -> Tensor:
        return self.module.restore(x)

    def _over(self, use: Use, n: int) -> Array:
        """`use` over the first `n` items that are watched."""
        return run(self.module, self.fitting.items, use, self.rows[:n])

    def _whole(self, x: Array) -> Array:
        """Tokens as whole numbers, all else in single precision."""
        return x.astype(np.int32 if self.fitting.codec.spec.kind == "text" else np.float32)

    def _thin(self) -> None:
        """Keeps the epochs evenly spread: those a stride apart, and the newest."""
        there = _epochs(self.folder)
        while len(_spread(there, self.stride)) > KEPT:
            self.stride *= 2
        for epoch in {*there} - {*_spread(there, self.stride)}:
            _file(self.folder, epoch).unlink(missing_ok=True)


def _same(x: Tensor, _: Tensor | None) -> Tensor:
    return x


def _spread(epochs: Sequence[int], stride: int) -> list[int]:
    """The first, all that are a stride or more behind the one kept before, and the last.

    >>> _spread([0, 1, 2, 3, 4, 5, 9], 2)
    [0, 2, 4, 9]
    """
    kept = list[int]()
    for epoch in epochs:
        if not kept or epoch - kept[-1] >= stride:
            kept.append(epoch)
    return kept if not epochs or kept[-1] == epochs[-1] else [*kept, epochs[-1]]


def _file(folder: Path, epoch: int) -> Path:
    return folder / f"{epoch:07}.safetensors"


def _epochs(folder: Path) -> list[int]:
    return sorted(int(path.stem) for path in folder.glob("[0-9]*.safetensors") if path.stem.isdecimal())


def _flat(codes: Array) -> Array:
    """Codes (n, D) on their two principal axes, of spread one: (n, 2)."""
    away = codes - codes.mean(0)
    axes: Array = np.linalg.svd(away, full_matrices=False)[2][:2]
    places = np.zeros((len(codes), 2))
    places[:, : len(axes)] = away @ axes.T
    return places / (np.sqrt(np.square(places).mean()) or 1.0)


def _followed(places: Array, before: Array | None) -> Array:
    """Places turned or mirrored to lie as near as can be to those before: axes have no sign of their own.

    >>> square = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, 0.0]])
    >>> np.allclose(_followed(square @ np.array([[0.0, 1.0], [1.0, 0.0]]), square), square)
    True
    """
    if before is None:
        return places
    u, _, v = np.linalg.svd(places.T @ before)
    return places @ u @ v


def _drawn(codes: Array, n: int, standard: bool) -> Array:
    """The same `n` draws each time, of N(0, I) or of the normal distribution that the codes have now."""
    noise = np.random.default_rng(0).standard_normal((n, codes.shape[1]))
    if standard:
        return noise
    away = codes - codes.mean(0)
    _, sizes, axes = np.linalg.svd(away, full_matrices=False)
    return codes.mean(0) + (noise[:, : len(sizes)] * sizes / np.sqrt(max(1, len(codes) - 1))) @ axes
