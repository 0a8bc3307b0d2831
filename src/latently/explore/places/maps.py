"""Codes as points on a map, new ones placed among them, and the way back: what stands at any place of it."""

from __future__ import annotations

from numbers import Integral
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import spatial as untyped
from sklearn.decomposition import PCA  # pyright: ignore[reportMissingTypeStubs]

from ...data import Source
from ...data.frames import in_library
from ...errors import InputError, ParameterError
from ..given import given, read
from ..judging.quality import pick
from .blending import middle, weights
from .neighbors import Neighbors
from .projections import LEAST, WAYS
from .told import check

spatial: Any = untyped
HOW = ("pca", *WAYS)
BLENDED = 12  # neighbours that a place or a new code is made of
LOOKED = 5_000  # items by which the usual distance is told
ENDINGS = (".html", ".png", ".svg", ".csv", ".parquet")

Floats = NDArray[np.float64]


class LatentMap:
    r"""Codes on two or three axes.

    With `how="pca"` the axes are straight, :math:`p = W (z - \bar z)`, and a place leads back exactly,
    :math:`z = \bar z + W^\top p`; codes of no more numbers than there are axes are drawn as they are. The other ways
    keep neighbours together and bend everything else. There a place stands for its twelve nearest items,

    .. math:: z(p) = \sum_i w_i z_i, \quad w_i \propto \exp\left(-\frac{\lVert p - p_i \rVert^2}{2 h^2}\right)

    with h = .35 times the distance to the twelfth. A new code is placed at the median of its twelve nearest codes'
    places, weighted in the same way: where the sum of weighted distances is least. One neighbour in another corner of
    the map moves it little, and would move the mean much.

    Parameters
    ----------
    how
        "pca"; "tsne", "umap" or "localmap", each of which needs a package of the extra `maps`.
    dimensions
        2 or 3.
    neighbors
        How many neighbours an item follows: few show small groups, many the whole; None for what each way is known
        for (t-SNE 30, its perplexity; UMAP 15, LocalMAP 10). Of a third of the items at most.
    seed
        Of the way; the same codes and seed give the same map.

    Attributes
    ----------
    points_ : ndarray (n, dimensions)
        Where each code is.
    codes_ : ndarray (n, D)
        The codes.
    usual_ : float
        What distances are measured in: the median distance of an item to its twelfth nearest on the map.
    shares_ : ndarray (dimensions,) or None
        Of straight axes: the share of the codes' variance that each holds.
    model, source, scores, rows, total
        Where `latent_map` made the map: the model, the items that are drawn, how normal each is, their rows in the
        data, and how many the data have. Else None.
    by
        What colours say where `save` is not told.

    References
    ----------
    "Visualizing Data using t-SNE" (van der Maaten & Hinton, 2008), computed by openTSNE; "UMAP: Uniform Manifold
    Approximation and Projection" (McInnes et al., 2018); LocalMAP, the successor of PaCMAP: "Dimension Reduction with
    Locally Adjusted Graphs" (Wang et al., 2025). All begin at the principal components: "Initialization is critical for
    preserving global data structure" (Kobak & Linderman, 2021). The median: "Sur le point pour lequel la somme des
    distances de n points donnes est minimum" (Weiszfeld, 1937).

    Examples
    --------
    >>> codes = np.random.default_rng(0).normal(size=(50, 4)) * [5, 3, 1, 1]
    >>> found = LatentMap("pca").fit(codes)
    >>> found.points_.shape, found.codes([[0.0, 0.0]]).shape
    ((50, 2), (1, 4))
    >>> bool(np.allclose(found.transform(found.codes(found.points_)), found.points_))
    True
    """

    def __init__(self, how: str = "pca", dimensions: int = 2, *, neighbors: int | None = None, seed: int = 0) -> None:
        if how not in HOW:
            raise ParameterError(f"map: how={how!r} is not known; it is one of {', '.join(HOW)}.")
        if isinstance(dimensions, bool) or dimensions not in (2, 3):
            raise ParameterError(f"map: dimensions={dimensions!r} is not allowed; it is 2 or 3.")
        if neighbors is not None and not (_whole(neighbors) and neighbors >= 2):
            raise ParameterError(f"map: neighbors={neighbors!r} is not allowed; it is None or a whole number from 2.")
        if not _whole(seed) or not 0 <= seed < 2**32:
            raise ParameterError(f"map: seed={seed!r} is not allowed; it is a whole number from 0 to {2**32 - 1}.")
        self.how, self.dimensions, self.neighbors, self.seed = how, int(dimensions), neighbors, int(seed)
        self.model: Any = None
        self.source: Source | None = None
        self.scores: Floats | None = None
        self.total: int | None = None
        self.rows: NDArray[np.intp] | None = None
        self.by: str | None = None

    def fit(self, codes: ArrayLike) -> Self:
        """Lays codes (n, D) out.

        Raises
        ------
        InputError
            They are no table of finite numbers, or too few for neighbours to be told.
        MissingPackageError
            The way needs a package that is not installed.
        """
        self._near = Neighbors(codes)  # refuses what is no table of finite numbers
        self.codes_: NDArray[Any] = self._near.codes
        n, size = self.codes_.shape
        self.axes_, self.shares_ = None, None
        self.mean_: Floats = self.codes_.mean(0, dtype=np.float64)
        if self.plain:
            self.axes_ = np.eye(self.dimensions, size)
        elif self.how == "pca":
            self.axes_ = self._straight()
        elif n < LEAST:
            raise InputError(
                f'{n} items were given, and {WAYS[self.how].title} needs {LEAST} to tell neighbours; choose how="pca".'
            )
        if self.axes_ is None:
            self.points_ = WAYS[self.how].points(self.codes_, self.dimensions, self.neighbors, self.seed)
        else:
            self.points_ = self.transform(self.codes_)
        self._tree: Any = spatial.cKDTree(self.points_)
        some = self.points_[pick(n, LOOKED, 0)]
        far: Floats = self._tree.query(some, min(n, BLENDED + 1))[0].reshape(len(some), -1)
        self.usual_ = float(np.median(far[:, -1])) or float(np.ptp(self.points_)) or 1.0
        return self

    @property
    def plain(self) -> bool:
        """Whether all codes are the same, so that the map is a single place."""
        return not np.ptp(self.codes_, axis=0).any()

    def _straight(self) -> Floats:
        n, size = self.codes_.shape
        if size <= self.dimensions:
            self.mean_ = np.zeros(size)
            return np.eye(self.dimensions, size)
        pca: Any = PCA(min(self.dimensions, n), random_state=0).fit(self.codes_.astype(np.float64))
        self.shares_ = np.pad(pca.explained_variance_ratio_, (0, self.dimensions - pca.n_components_))
        return np.pad(pca.components_, ((0, self.dimensions - pca.n_components_), (0, 0)))

    def transform(self, codes: ArrayLike) -> Floats:
        """New codes (m, D) placed among those of the map, which stays as it is: (m, dimensions).

        Raises
        ------
        InputError
            The codes are of another size, or not finite.
        """
        if self.axes_ is not None:
            new = self._checked(codes, self.codes_.shape[1], "codes")
            return (new - self.mean_) @ self.axes_.T
        found = self._near.near(np.atleast_2d(np.asarray(codes)), min(BLENDED, len(self._near)))
        return middle(weights(found.distances), self.points_[found.rows])

    def place(self, items: Any) -> Floats:
        """Where new items stand: (m, dimensions); one item, or several as anything `latently.open` takes."""
        model = self._known("place")
        return self.transform(model.transform(given(model, items)))

    def codes(self, places: ArrayLike) -> Floats:
        """The code of each place (m, dimensions): (m, D)."""
        at = self._checked(places, self.dimensions, "places")
        if self.axes_ is not None:
            return self.mean_ + at @ self.axes_
        far, rows = self._tree.query(at, min(BLENDED, len(self.points_)))
        codes = self.codes_[rows.reshape(len(at), -1)].astype(np.float64)
        return np.einsum("mk,mkd->md", weights(far.reshape(len(at), -1)), codes)

    def distances(self, places: ArrayLike) -> Floats:
        """How far from any item each place (m, dimensions) is, in usual distances: (m,).

        Up to about 1 a place is among items; far above 1 there is nothing that could say what belongs there.
        """
        return self._tree.query(self._checked(places, self.dimensions, "places"))[0] / self.usual_

    def items(self, places: ArrayLike, label: Any = None) -> tuple[Any, Floats]:
        """What the model makes of places of the map, in the types that it was fitted to; and their `distances`.

        Parameters
        ----------
        places
            (m, dimensions), anywhere on the map.
        label
            Of a conditional model: one label, or one a place; by default that of the nearest item, where labels are
            known.

        Raises
        ------
        InputError
            The map was made of codes alone, without a model; or the model restores nothing from a code.
        """
        model = self._known("items")
        at = self._checked(places, self.dimensions, "places")
        told: dict[str, Any] = {} if label is None else {"label": label}
        labels = None if self.source is None else self.source.labels
        if getattr(model, "conditional", False) and label is None and labels is not None:
            told = {"label": labels[self._tree.query(at)[1]]}
        return model.inverse_transform(self.codes(at), **told), self.distances(at)

    def save(self, path: str | Path, by: str | None = None) -> Path:
        """Writes the map: as a page to look around in (.html), a figure (.png, .svg) or a table (.csv, .parquet).

        Parameters
        ----------
        path
            Its ending chooses. The page is one file that needs nothing else and no network.
        by
            What colours say: "label", "score", or a column's name; by default what `latent_map` was told, else labels
            where there are several, else the score.

        Raises
        ------
        InputError
            The ending is another one, or nothing is called `by`.
        OutputError
            The file cannot be written.
        """
        from .. import figures  # both draw maps, and so stand behind this room
        from ..pages.map import write_map

        path, by = Path(path), self.by if by is None else by
        ending = path.suffix.lower()
        if ending not in ENDINGS:
            raise InputError(f"{path}: maps go to {', '.join(ENDINGS)}; choose another ending.")
        if ending == ".html":
            return write_map(self, path, by)
        if ending in (".csv", ".parquet"):
            from ...data import write

            return write(path, self.frame())
        return figures.save(path, figures.latent_map(self, by=by))

    def frame(self) -> Any:
        """A row an item: name, x, y (and z), label and score where they are known.

        A DataFrame of pandas or pyarrow where the map is of a table of theirs, and else of polars.
        """
        import polars as pl

        columns: dict[str, Any] = {} if self.source is None else {"name": self.source.names}
        columns |= dict(zip("xyz", self.points_.T, strict=False))
        if self.source is not None and self.source.labels is not None:
            columns["label"] = self.source.labels
        frame = pl.DataFrame(columns if self.scores is None else columns | {"score": self.scores})
        return in_library(frame, "numpy" if self.source is None else self.source.container)

    def _known(self, verb: str) -> Any:
        if self.model is None:
            raise InputError(
                f"{verb}: this map was made of codes alone and knows no model; make it with latently.latent_map."
            )
        return self.model

    def _checked(self, given: ArrayLike, size: int, what: str) -> Floats:
        array: NDArray[Any] = np.asarray(given)
        if array.ndim not in (1, 2) or array.dtype.kind not in "biuf" or array.shape[-1] != size:
            shape = " x ".join(map(str, array.shape)) or "a single value"
            raise InputError(f"{what} of shape {shape} were given; {what} of this map are rows of {size} numbers.")
        if not np.isfinite(array).all():
            raise InputError(f"{what} hold values that are missing or infinite; give finite ones.")
        return np.atleast_2d(array).astype(np.float64)


def latent_map(
    model: Any,
    data: Any,
    how: str = "pca",
    dimensions: int = 2,
    *,
    neighbors: int | None = None,
    most: int = 100_000,
    seed: int = 0,
    by: str | None = None,
) -> LatentMap:
    """The codes of `data` on a map.

    Parameters
    ----------
    model
        A fitted model.
    data
        Items of the kind that it was fitted to: anything `latently.open` takes.
    how, dimensions, neighbors
        Of `LatentMap`.
    most
        Items that are drawn, at most; of more, as many are chosen at random.
    seed
        Of the choice and of the way.
    by
        What colours say, as `save` takes it; asked here it is checked before anything is computed.

    Raises
    ------
    InputError
        The data are not of the model's kind, or too few, or nothing is called `by`.
    MissingPackageError
        The way needs a package that is not installed.
    ParameterError
        An argument is not allowed.

    Examples
    --------
    >>> import latently
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().images[:300]
    >>> found = latent_map(latently.AE(latent=4, epochs=1).fit(X), X)
    >>> pictures, far = found.items([[0.0, 0.0], [90.0, 0.0]])
    >>> pictures.shape, bool(far[1] > far[0])
    ((2, 8, 8), True)
    """
    found = LatentMap(how, dimensions, neighbors=neighbors, seed=seed)
    if not _whole(most) or most < 1:
        raise ParameterError(f"map: most={most!r} is not allowed; it is a whole number, at least 1.")
    source = read(model, data)
    if by is not None:
        check(model, source, by)
    found.model, found.total, found.by = model, len(source), by
    found.rows = pick(len(source), int(most), seed)
    found.source = source if len(source) <= most else source[found.rows]
    found.scores = np.asarray(model.score_samples(found.source), np.float64)
    return found.fit(model.transform(found.source))


def _whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(cast(Any, value), bool)
