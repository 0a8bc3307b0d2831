"""The default detector of odd items: no labels, no share of anomalies to guess."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray
from sklearn import base
from sklearn.base import BaseEstimator
from sklearn.utils import validation as untyped
from torch import Tensor

from .. import store
from ..data import Codec, Source, codec_from_json, fit_codec
from ..data.loader import split
from ..errors import InputError, LatentlyWarning
from ..estimator import SEEDS, Latent, model, passes
from ..estimator.accepted import accepted
from ..estimator.calibration import calibrated
from ..estimator.verdicts import Verdicts
from ..models import MODELS, make
from ..nets.spread import Spread
from ..params import check, from_params, param, plain
from ..prior import chosen
from ..spec import Kind
from .forest import Forest
from .judging import Rows, Scores, Standing, together, trusted
from .near import Beside, Near

validation: Any = untyped
anew: Any = base  # scikit-learn carries no types

FEWEST = 3  # items: each needs a neighbour beside the one that is trimmed
STEPS = 150  # of a table's model: with more it learns to restore what is odd
TOGETHER = 192  # rows in such a step
BETA = 0.1  # of a picture's model: codes are smooth enough for distances to mean something, and still tell items apart
MOST = 20_000  # items that can be neighbours; of more, as many by chance
ENOUGH = 20  # items held out that can calibrate


@dataclass(frozen=True, slots=True)
class Seat:
    """Who is heard: neighbours in one view of the items, among all of them or those that were trusted."""

    view: str
    k: int
    trusted: bool
    way: type[Near] = Near


OWN = ("cells", "calm")  # views of what a row holds itself

SEATS: dict[Kind, tuple[Seat, ...]] = {
    "table": (Seat("calm", 10, True), Seat("codes", 10, True), Seat("cells", 3, False), Seat("codes", 3, False)),
    "image": (Seat("codes", 10, True), Seat("codes", 3, False), Seat("restored", 10, False, Beside)),
    "text": (Seat("codes", 10, True), Seat("codes", 3, False)),
}
SURE = 1 / 512  # half a grey level: an error of a pixel that is as good as none


@model
class AnomalyDetector(Verdicts, BaseEstimator):
    r"""Says how odd items are, of any kind, learned from items among which odd ones may be.

    A forest of random trees finds the rows that are globally odd, and they are trimmed. A model learns codes of the
    others. Then it is asked how far an item is from its nearest neighbours, four times: from ten among the trusted
    rows, with large values calmed by :math:`\operatorname{arsinh}`, from ten among the codes of the trusted rows, from
    three among all rows, and from three among the codes of all rows. Each answer is set beside those that the rows of
    the fit got, each without itself, and the soft maximum of the four is the score:

    .. math:: -\tfrac{1}{h} \log \tfrac{1}{P} \sum_p e^{h z_p(x)}

    Of pictures and texts the model learns codes first, neighbours are looked for among the codes, and answers are set
    beside those of items that the model held out. Of pictures it is also asked how large the error is with which the
    model restores one, beside the errors of its ten nearest.

    No setting says how many anomalies there are; `false_alarms` says how many normal items may be called odd, and may
    be changed after the fit.

    Attributes
    ----------
    codec_ : Codec
        How data become numbers.
    over_ : Latent
        The fitted model whose codes are looked at.
    calibration_ : ndarray (m,)
        Scores of the items of the fit, each judged without itself, in ascending order, at most 10,001 of them. Of
        pictures and texts: of those that the model did not learn from.
    offset_ : float
        The score below which `predict` says -1.
    n_features_in_, feature_names_in_
        Of tables: how many columns `fit` saw, and their names where it had any.

    References
    ----------
    "Isolation Forest" (Liu, Ting & Zhou, 2008); "Efficient Algorithms for Mining Outliers from Large Data Sets"
    (Ramaswamy, Rastogi & Shim, 2000); "Algorithmic Learning in a Random World" (Vovk et al., 2005).

    Examples
    --------
    >>> import latently
    >>> X = np.random.default_rng(0).normal(size=(300, 3))
    >>> detector = latently.AnomalyDetector().fit(np.vstack((X, [[9.0, 9.0, 9.0]])))
    >>> detector.predict([[0.0, 0.0, 0.0], [9.0, -9.0, 9.0]]).tolist()
    [1, -1]
    """

    over: str | Latent | None = param(
        None, "the model whose codes are looked at, by its name or not yet fitted; by default one that suits the data"
    )
    trim: float = param(
        0.4, "most of the items that may be distrusted; 0 where all are known to be normal", low=0, high=0.9
    )
    false_alarms: float = param(0.05, "share of normal items that predict may call anomalies", low=0, high=1)
    memory: float | None = param(
        None, "gigabytes of memory that a table may take; by default half of what is free", low=0
    )
    seed: int = param(0, "the seed of all that is random", low=0, high=SEEDS)
    verbose: bool = param(False, "show a progress bar while fitting")

    name: ClassVar[str] = "anomaly-detector"
    reads: ClassVar[tuple[Kind, ...]] = ("image", "table", "text")  # a series' windows overlap and vouch for each other

    if TYPE_CHECKING:  # else they would be hyper-parameters
        codec_: Codec
        over_: Latent
        near_: tuple[Near, ...]
        standings_: tuple[Standing, ...]
        n_features_in_: int
        feature_names_in_: NDArray[Any]

    def fit(self, X: Any, y: object = None) -> Self:
        """Learns what is usual in `X`.

        Parameters
        ----------
        X
            Anything `latently.open` takes: a path, an array, a DataFrame, a `Source`.
        y
            Ignored.

        Raises
        ------
        InputError
            The data cannot be used, or are fewer than three items.
        ParameterError
            A hyper-parameter is out of bounds, or no model is called so.
        """
        check(self)
        for learned in [name for name in vars(self) if name.endswith("_")]:  # a fit that fails leaves no old one
            delattr(self, learned)
        source = accepted(self, X, reset=True)
        if len(source) < FEWEST:
            raise InputError(
                f"{type(self).__name__} compares items with their neighbours and was given n_samples={len(source)}; "
                f"give at least {FEWEST}."
            )
        self.codec_ = fit_codec(source)
        if source.kind == "table":
            known, held_out = source[chosen(len(source), self.seed, MOST)], None
            core = self._trusted(self._cells(known))
            self.over_ = self._learned(known[np.flatnonzero(core)])
            views = self._views(known)
        else:
            self.over_ = self._learned(source)
            seen, held_out = (rows.numpy() for rows in split(len(source), self.over_.validation, self.over_.seed))
            views = self._views(source[seen[chosen(len(seen), self.seed, MOST)]])
            core = self._trusted(views["codes"])
        among = {True: core, False: None}
        self.near_ = tuple(seat.way.fit(views[seat.view], seat.k, among[seat.trusted]) for seat in self._seats)
        own = [near.own for near in self.near_]
        if held_out is not None and len(held_out) >= ENOUGH:
            own = self._asked(self._views(source[held_out]))
        self.standings_ = tuple(map(Standing.among, own))
        self.calibration_ = calibrated(self._heard(own))
        return self

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """How normal each item is: higher is more normal; 0 or more where it is usual. (n,)"""
        return self._heard(self._asked(self._views(accepted(self, X))))

    def _asked(self, views: Mapping[str, Rows]) -> list[Scores]:
        """What each seat says, (n,) each."""
        return [near.score(views[seat.view]) for seat, near in zip(self._seats, self.near_, strict=True)]

    def _heard(self, scores: list[Scores]) -> Scores:
        return -together([standing.of(score) for standing, score in zip(self.standings_, scores, strict=True)])

    @property
    def _seats(self) -> tuple[Seat, ...]:
        return SEATS[self.codec_.spec.kind]

    def _views(self, source: Source) -> dict[str, Rows]:
        """What neighbours are looked for in: (n, F) each."""
        if source.kind != "table":
            codes = self.over_.transform(source).astype(np.float64)
            errors = {"restored": np.column_stack((codes, self._errors(source)))} if source.kind == "image" else {}
            return {"codes": codes, **errors}
        cells = self._cells(source)  # says what no row had; the model, which learned of trusted rows, would say more
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "column .* that the model never saw", LatentlyWarning)
            codes = self.over_.transform(source).astype(np.float64)
        return {"cells": cells, "calm": np.arcsinh(cells), "codes": codes}

    def _errors(self, source: Source) -> Scores:
        """The logarithm of the mean squared error with which the model restores each picture: (n,)."""
        module = self.over_.module_

        def errors(x: Tensor, _: Tensor | None) -> Tensor:
            return ((module.restore(x) - x).square().flatten(1).mean(1) + SURE**2).log()

        return passes.over(module, self.over_.codec_, source, errors)

    def _cells(self, source: Source) -> Rows:
        """A table's rows as numbers of one scale: standardised, 0 where a cell is missing, one-hot categories.

        That a cell is missing is not odd: flags of it would be columns of noise to the trees and the distances.
        """
        packed: Any = self.codec_.pack(source)
        return self._spread(packed.double()).numpy()

    @property
    def _spread(self) -> Spread:
        return Spread(replace(self.codec_.spec, missing=()))

    def _trusted(self, rows: Rows) -> NDArray[np.bool_]:
        return trusted(Forest.fit(rows, self.seed).own, self.trim)

    def _learned(self, source: Source) -> Latent:
        """The model of these items, fitted."""
        over: Any
        match self.over:
            case None:
                over = self._suited(source)
            case str():
                over = make(self.over, seed=self.seed)
            case _:
                over = anew.clone(self.over)
        if self.verbose:
            over.set_params(verbose=True)
        with warnings.catch_warnings():  # codes wider than a row are meant: they are compared, nothing is compressed
            warnings.filterwarnings("ignore", "latent=.* compresses nothing", LatentlyWarning)
            return over.fit(source)

    def _suited(self, source: Source) -> Latent:
        if source.kind == "text":
            return make("text-vae", seed=self.seed)
        if source.kind != "table":
            return make("vae", beta=BETA, seed=self.seed)
        batch = min(TOGETHER, max(16, len(source) // 8))
        return make(
            "denoising",
            latent=32,
            encoder="dense64 tanh",
            mask=0.3,
            lr=5e-3,
            schedule="cosine",
            batch_size=batch,
            epochs=max(1, round(STEPS / ceil(len(source) / batch))),
            validation=0.0,
            prior="standard",
            seed=self.seed,
            device="cpu",
        )

    def save(self, path: str | Path) -> Path:
        """Writes everything to one safetensors file, whole or not at all: `latently.load` reads it back."""
        validation.check_is_fitted(self)
        header, tensors = self.over_.kept()
        names = getattr(self, "feature_names_in_", None)
        mine = {
            "model": self.name,
            "params": {**plain(self), "over": self.over_.name if self.over else None},
            "codec": self.codec_.to_json(),
            "features": getattr(self, "n_features_in_", None),
            "feature_names": None if names is None else list(names),
            "over": header,
            "versions": {"latently": version("latently")},
        }
        arrays = {f"over.{name}": tensor for name, tensor in tensors.items()}
        for at, near in enumerate(self.near_):
            arrays |= {f"near.{at}.{name}": tensor for name, tensor in near.tensors().items()}
        standings = np.array([[s.floor, s.middle, s.spread] for s in self.standings_])
        arrays |= {"standings": standings, "calibration": self.calibration_}
        return store.write(path, mine, arrays)

    def adopt(self, header: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Takes over what `save` wrote; for `latently.load`."""
        self.codec_ = codec_from_json(header["codec"])
        inner = header["over"]
        learned = from_params(MODELS[inner["model"]], inner["params"], "the file")
        self.over_ = learned.adopt(inner, _under("over.", tensors))
        self.near_ = tuple(seat.way.restore(_under(f"near.{at}.", tensors)) for at, seat in enumerate(self._seats))
        self.standings_ = tuple(Standing(*row) for row in tensors["standings"].tolist())
        self.calibration_ = tensors["calibration"]
        if not all(np.isfinite(tensors[name]).all() for name in ("standings", "calibration")):
            raise ValueError("the calibration is not made of finite numbers")
        widths = {near.known.shape[1] for near, seat in zip(self.near_, self._seats, strict=True) if seat.view in OWN}
        if widths - {self._spread.width}:
            raise ValueError(f"rows of {widths} numbers are known, and a row has {self._spread.width}")
        if header["features"] is not None:
            self.n_features_in_ = int(header["features"])
        if header["feature_names"] is not None:
            self.feature_names_in_ = np.array(header["feature_names"], dtype=object)
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "calibration_")

    def __sklearn_tags__(self) -> Any:
        tags: Any = cast(Any, super()).__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _under(start: str, tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The tensors whose names begin so, without it."""
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}
