"""A run that is looked into: its model, its items, and what is computed of all of them, each once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

import latently

from .own import Own

MOST = 1_000_000  # items that are looked at; of more, as many are chosen at random
BENT = 100_000  # items that t-SNE and the like lay out; others are put among them

T = TypeVar("T")
Floats = NDArray[np.float64]


class Opened:
    """A model and the data that it was trained on.

    Parameters
    ----------
    path
        The run's folder, or the model's file.
    found
        What was loaded: a fitted model, or a detector, which judges items and has a model inside that is looked into.
    """

    def __init__(self, path: Path, found: latently.Latent | latently.AnomalyDetector) -> None:
        self.path = path
        self.judge: Any = found
        self.model: Any = inner(found)
        self.kind: str = self.model.codec_.spec.kind
        self.lock = RLock()  # of what is asked of the model: no draw disturbs the seed of another
        self._kept, self._guards = dict[str, Any](), dict[str, RLock]()

    @property
    def restores(self) -> bool:
        """Whether items come back through their codes."""
        return bool(self.model.latent_)

    @property
    def decodes(self) -> bool:
        """Whether a code is enough to make an item: not where there are skips past it."""
        return self.restores and "join" not in self.model.networks_["decoder"]

    @property
    def writes(self) -> bool:
        """Whether it writes texts word by word."""
        return isinstance(self.model, latently.LanguageModel)

    @property
    def whole(self) -> latently.Source:
        """All of the data.

        Raises
        ------
        LatentlyError
            They are not where they were.
        """
        return self.once("whole", self._found)

    def _found(self) -> latently.Source:
        if not is_run(self.path):
            raise latently.InputError(
                f"{self.path.name} is a model without a run, and does not say what it was trained on; use the rooms "
                "that need no data."
            )
        return latently.Run(self.path).open()

    @property
    def rows(self) -> NDArray[np.int64]:
        """Which of the data are looked at: all, or `MOST` of them in their order."""
        return self.once("rows", lambda: _some(len(self.whole)))

    @property
    def source(self) -> latently.Source:
        """The items that are looked at."""
        return self.once("source", lambda: self.whole if len(self.whole) <= MOST else self.whole[self.rows])

    @property
    def codes(self) -> NDArray[np.float32]:
        """(n, D), also of a writer, whose codes are mean states."""
        return self.once("codes", lambda: np.asarray(self.model.transform(self.source), np.float32))

    @property
    def scores(self) -> Floats:
        """(n,) how normal each item is."""
        return self.once("scores", lambda: np.asarray(self.judge.score_samples(self.source), np.float64))

    @property
    def p_values(self) -> Floats:
        """(n,) how likely a normal item is to be as odd."""
        return self.once("p_values", lambda: np.asarray(self.judge.p_values(self.source), np.float64))

    @property
    def near(self) -> latently.Neighbors:
        """Where neighbours are looked for."""
        return self.once("near", lambda: latently.Neighbors(self.codes))

    def map(self, how: str) -> latently.LatentMap:
        """The codes on two axes."""
        return self.once(f"map {how}", lambda: self._laid(how))

    def _laid(self, how: str) -> latently.LatentMap:
        some = np.arange(len(self.codes)) if how == "pca" else _some(len(self.codes), BENT)
        found = latently.LatentMap(how).fit(self.codes[some])
        found.model, found.source = self.model, self.source if len(some) == len(self.codes) else self.source[some]
        return found

    def places(self, how: str) -> Floats:
        """(n, 2) where each item stands."""
        return self.once(f"places {how}", lambda: self._placed(self.map(how)))

    def _placed(self, found: latently.LatentMap) -> Floats:
        return found.points_ if len(found.points_) == len(self.codes) else found.transform(self.codes)

    def heights(self, how: str) -> tuple[NDArray[np.intp], Floats]:
        """The items from the lowest to the highest, and where each of them stands."""
        return self.once(f"heights {how}", lambda: _rising(self.places(how)))

    @property
    def own(self) -> Own:
        """What the person calls items."""
        return Own(self)

    @property
    def names(self) -> list[str]:
        """Of the items."""
        return self.once("names", lambda: self.source.names)

    @property
    def labels(self) -> list[str | None]:
        """Of the items, as text; None where one is missing, or all are."""
        return self.once("labels", self._labels)

    def _labels(self) -> list[str | None]:
        if self.source.labels is None:
            return [None] * len(self.source)
        told: list[Any] = self.source.labels.tolist()
        return [None if label == "" or label != label else str(label) for label in told]

    def only(self, rows: list[int]) -> latently.Source:
        """Some of the items.

        Raises
        ------
        InputError
            There is no such row.
        """
        n = len(self.source)
        if beyond := [row for row in rows if not 0 <= row < n]:
            raise latently.InputError(f"there is no item {beyond[0]}; rows go from 0 to {n - 1}.")
        return self.source[np.array(rows, np.int64)]

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made once; who asks for another thing meanwhile does not wait for it."""
        with self._guards.setdefault(name, RLock()):
            if name not in self._kept:
                self._kept[name] = make()
            return self._kept[name]


def is_run(path: Path) -> bool:
    """Whether a folder says what it was trained on."""
    return (path / "run.json").is_file()


def inner(found: Any) -> Any:
    """A model that makes codes: of a detector the one that it learned."""
    return found.over_ if isinstance(found, latently.AnomalyDetector) else found


def _some(n: int, most: int = MOST) -> NDArray[np.int64]:
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False))


def _rising(places: Floats) -> tuple[NDArray[np.intp], Floats]:
    order = np.argsort(places[:, 1], kind="stable")
    return order, np.asfortranarray(places[order])
