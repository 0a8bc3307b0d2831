"""The ways to lay codes out on a map: what each is called, what it needs, and how it is computed."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import MissingPackageError, ParameterError

Floats = NDArray[np.float64]
Layout = Callable[[Any, NDArray[np.float32], int, int, int], Any]  # package, codes, dimensions, neighbours, seed


@dataclass(frozen=True, slots=True)
class Way:
    """A layout that keeps neighbours together, and what it says of a map.

    Parameters
    ----------
    title
        As a person calls it.
    package, needs
        What is imported, and what is installed for it.
    neighbors
        How many neighbours an item follows where nobody says; of t-SNE its perplexity.
    layout
        Codes to points.
    """

    title: str
    package: str
    needs: str
    neighbors: int
    layout: Layout

    def points(self, codes: NDArray[Any], dimensions: int, neighbors: int | None, seed: int) -> Floats:
        """(n, dimensions), the mean in the middle."""
        near = min(neighbors or self.neighbors, (len(codes) - 1) // 3)
        with _alone():
            try:
                package = import_module(self.package)
            except ImportError as error:
                raise MissingPackageError(
                    f'how="{name_of(self)}" needs {self.package}, which is not installed; pip install "{self.needs}"'
                ) from error
            found = np.asarray(self.layout(package, codes.astype(np.float32), dimensions, near, seed), np.float64)
        return found - found.mean(0)


def _tsne(package: Any, codes: NDArray[np.float32], dimensions: int, near: int, seed: int) -> Any:
    if dimensions == 3 and len(codes) > _BARNES_HUT:
        raise ParameterError(
            f'how="tsne" in 3 dimensions is only quick up to {_BARNES_HUT:,} items and there are {len(codes):,}; '
            'choose dimensions=2, how="umap", or a smaller most.'
        )
    slow = {"negative_gradient_method": "bh"} if dimensions == 3 else {}
    return package.TSNE(dimensions, perplexity=near, random_state=seed, n_jobs=-1, **slow).fit(codes)


def _umap(package: Any, codes: NDArray[np.float32], dimensions: int, near: int, seed: int) -> Any:
    way = package.UMAP(near, dimensions, init="pca", random_state=seed, n_jobs=1)
    return way.fit_transform(codes)


def _localmap(package: Any, codes: NDArray[np.float32], dimensions: int, near: int, seed: int) -> Any:
    way = package.LocalMAP(dimensions, n_neighbors=max(2, near), random_state=seed, apply_pca=False)
    return way.fit_transform(codes, init="pca")


@contextmanager
def _alone() -> Generator[None]:
    """What libraries warn, log and draw inside stays there: nothing of it is a person's, whose random numbers go on."""
    before = logging.root.manager.disable
    drawn = np.random.get_state()  # noqa: NPY002 - the packages seed it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)
            np.random.set_state(drawn)  # noqa: NPY002


_BARNES_HUT = 20_000
WAYS: dict[str, Way] = {
    "tsne": Way("t-SNE", "openTSNE", "openTSNE>=1.0.4", 30, _tsne),
    "umap": Way("UMAP", "umap", "umap-learn>=0.5.12", 15, _umap),
    "localmap": Way("LocalMAP", "pacmap", "pacmap>=0.9.1", 10, _localmap),
}
LEAST = 8  # items of which neighbours can be kept together


def name_of(way: Way) -> str:
    """What `how` calls it."""
    return next(name for name, known in WAYS.items() if known is way)
