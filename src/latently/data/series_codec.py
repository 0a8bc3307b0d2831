"""The codec of series: every column standardised by one formula, and a window as the steps that a network reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..spec import Spec
from .codec import Codec, real
from .columns import Column, few, free
from .scaling import learn, restored, standardised
from .series import SeriesSource
from .series_tables import source_of_table
from .source import Name, Reading, Source, other_kind
from .tables import TableSource
from .times import EVEN, spoken

if TYPE_CHECKING:
    import torch

MOST = 2**31  # steps of a window, by the file of a model


@dataclass(frozen=True, slots=True)
class SeriesCodec(Codec):
    r"""The scaling of a series' columns, and how windows were cut.

    .. math:: x_{tj} = (v_{tj} - \mathrm{mean}_j) / \mathrm{scale}_j

    A missing cell is NaN. Restored values stay within what was seen in `fit`.

    Parameters
    ----------
    columns
        The F columns of numbers.
    window, step
        T, the rows of a window; and from one window's first row to the next one's.
    usual
        The median time from row to row, in seconds or as the times count; 0 where rows had no times.
    time, series
        The columns that said when rows were, and of which series.
    resample
        Whether rows are brought to even steps.

    Examples
    --------
    >>> import latently
    >>> from latently.data import fit_codec
    >>> source = latently.open(np.array([[1.0], [2.0], [3.0], [np.nan]]), window=2)
    >>> codec = fit_codec(source)
    >>> codec.pack(source)[:, :, 0].round(decimals=4)
    tensor([[-1.2247,  0.0000],
            [ 0.0000,  1.2247],
            [ 1.2247,     nan]])
    >>> codec.restore(np.zeros((1, 2, 1))).tolist()
    [[[2.0], [2.0]]]
    """

    columns: tuple[Column, ...]
    window: int
    step: int
    usual: float = 0.0
    time: Name | None = None
    series: Name | None = None
    resample: bool = False

    @classmethod
    def fit(cls, source: SeriesSource) -> Self:
        """Learns the scaling, of the rows that windows cover."""
        values = source.steps.values[source.cover() > 0]
        named = [Column(name, "number", "Float64") for name in source.columns]
        gone: list[bool] = np.asarray(np.isnan(values).all(axis=0)).tolist()
        if hollow := [repr(c.name) for c, empty in zip(named, gone, strict=True) if empty]:
            raise InputError(f"every cell of column{'s' * (len(hollow) > 1)} {few(hollow)} is missing; leave it out.")
        asked = source.reading
        usual = source.steps.usual() if source.timed else 0.0
        how = (asked.step or 1, usual, asked.time, asked.series, bool(asked.resample))
        columns, strays = learn(named, lambda: [values])
        for stray in strays:
            source.say(stray)
        return cls(tuple(columns), source.window, *how)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        columns = tuple(Column.from_json(c) for c in data["columns"])
        window, step, usual, time, series, resample = (data[key] for key in _CUT)
        counts = all(type(count) is int and 1 <= count < MOST for count in (window, step))
        named = all(isinstance(name, str | int | None) for name in (time, series))
        if not (counts and named and real(usual) and usual >= 0 and isinstance(resample, bool)):
            raise ValueError(f"windows of {window!r} rows, every {step!r} of {usual!r}, by {time!r} and {series!r}")
        if not columns or any(c.kind != "number" for c in columns) or len({c.name for c in columns}) < len(columns):
            raise ValueError(f"a series of {columns}")
        return cls(columns, window, step, float(usual), time, series, resample)

    def to_json(self) -> dict[str, Any]:
        columns: list[dict[str, Any]] = [{**asdict(c), "categories": []} for c in self.columns]
        return {"kind": "series", "columns": columns, **{key: getattr(self, key) for key in _CUT}}

    @property
    def used(self) -> list[Column]:
        """The columns that the model sees: all."""
        return [*self.columns]

    @property
    def spec(self) -> Spec:
        return Spec("series", (self.window, len(self.columns)), missing=tuple(c.missing for c in self.columns))

    @property
    def asked(self) -> dict[str, Any]:
        how = {"time": self.time, "window": self.window, "step": self.step, "series": self.series}
        return {**how, "resample": self.resample}

    @property
    def packs(self) -> str:
        return "float32"

    def asking(self, data: Any) -> dict[str, Any]:
        return {"kind": "series"} if isinstance(data, np.ndarray) and cast(Any, data).ndim == 3 else {}

    def labelled(self, source: Source) -> Source:
        """The source; of a table its windows.

        An array has times where it has the columns of the fitted one, and none where it is measurements alone.
        """
        if not isinstance(source, TableSource):
            return source
        apart = sum(name is not None for name in (self.time, self.series))
        told = source.container != "numpy" or len(source.columns) == len(self.columns) + apart
        time = self.time if told else None
        how = Reading(time=time, window=self.window, step=self.step, series=self.series, resample=self.resample or None)
        return source_of_table(source, how)

    def pack(self, source: Source) -> torch.Tensor:
        import torch

        if not isinstance(source, SeriesSource):
            raise other_kind(source, "series")
        if source.window != self.window:
            raise InputError(
                f"windows of {source.window} rows were given and the model was fitted to windows of {self.window}; "
                f"open the data with window={self.window}."
            )
        first = int(source.starts.min()) if len(source) else 0
        last = int(source.starts.max()) + self.window if len(source) else 0
        steps = np.empty((last - first, len(self.columns)), np.float32)  # (N, F): windows share most of their steps
        for j, place in enumerate(self.places(source)):
            steps[:, [j]] = standardised(self.columns[j : j + 1], source.steps.values[first:last, [place]])
        windows = np.empty((len(source), self.window, len(self.columns)), np.float32)
        for at in range(self.window):
            windows[:, at] = steps[source.starts - first + at]
        return torch.from_numpy(windows)  # pyright: ignore[reportUnknownMemberType]

    def ordered(self, source: SeriesSource) -> NDArray[np.float64]:
        """The windows (n, T, F), columns as in the fit."""
        return source.data[:, :, self.places(source)]

    def places(self, source: SeriesSource) -> list[int]:
        """Where in `source` each column stands: by its name, or by its place where there are no names."""
        if not source.timed or source.columns == [str(j) for j in range(len(source.columns))]:
            if len(source.columns) != len(self.columns):
                raise InputError(
                    f"steps of {len(source.columns)} numbers were given and the model was fitted to "
                    f"{len(self.columns)}; give the same columns."
                )
            return [*range(len(self.columns))]
        self._check_steps(source)
        there = {name: j for j, name in enumerate(source.columns)}
        if absent := [repr(c.name) for c in self.columns if c.name not in there]:
            raise InputError(
                f"the series lacks column{'s' * (len(absent) > 1)} {few(absent)} that the model was fitted to; it has "
                f"{few([repr(name) for name in there])}."
            )
        if extra := [repr(name) for name in there if name not in {c.name for c in self.columns}]:
            source.say(f"Column{'s' * (len(extra) > 1)} {few(extra)}, unknown to the model, left out.")
        return [there[c.name] for c in self.columns]

    def _check_steps(self, source: SeriesSource) -> None:
        usual = source.steps.usual()
        if self.usual and abs(usual - self.usual) > EVEN * self.usual:
            here, fitted = (spoken(length, source.steps.times) for length in (usual, self.usual))
            source.say(f"Rows are {here} apart, and were {fitted} in the fit.")

    def restore(self, x: NDArray[Any], like: Source | None = None) -> NDArray[np.float64]:
        """Windows (n, T, F) in the units of the data."""
        del like  # windows are arrays, whatever they were cut from
        return restored(self.columns, x)

    def frame(self, windows: NDArray[Any]) -> Any:
        """Windows (n, T, F) that have no times, such as drawn ones, as a polars DataFrame: one row a step.

        >>> import latently
        >>> from latently.data import fit_codec
        >>> fit_codec(latently.open(np.arange(5.0), window=2)).frame(np.ones((1, 2, 1))).rows()
        [(0, 0, 1.0), (0, 1, 1.0)]
        """
        import polars as pl

        window = windows.shape[1]
        cells = np.concatenate([*windows]).T
        names = [str(c.name) for c in self.columns]
        row = np.arange(len(cells[0]))
        apart = {free("window", names): row // window, free("step", names): row % window}
        return pl.DataFrame(apart | dict(zip(names, cells, strict=True)))


_CUT = ("window", "step", "usual", "time", "series", "resample")
