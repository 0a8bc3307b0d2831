"""Series: numbers over time, cut into windows of equally many steps, each of which is an item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..errors import InputError
from ..spec import Kind
from .columns import free
from .frames import in_library
from .source import Name, Reading, Rows, Source
from .times import Steps, written

if TYPE_CHECKING:
    from torch import Tensor

BLOCKS = 10  # stretches of windows that are held out at most


class SeriesSource(Source):
    """Windows of a series.

    All windows share the one array of steps, whether they overlap or not; slices pick windows.

    Parameters
    ----------
    steps
        The rows that windows are cut from.
    starts
        (n,) the row at which each window begins.
    window
        T, how many rows each takes.
    columns
        The names of the F numbers of a row.
    series
        The names of the series, where there are several.
    timed
        Whether the rows have times.
    reading
        What was asked of `open`.
    container
        What the rows were handed in as: numpy, pandas, polars (files too) or pyarrow.
    """

    kind: ClassVar[Kind] = "series"

    def __init__(
        self,
        steps: Steps,
        starts: NDArray[np.intp],
        window: int,
        columns: Sequence[Name],
        *,
        series: Sequence[str] = (),
        timed: bool = True,
        reading: Reading | None = None,
        container: str = "numpy",
        **common: Any,
    ) -> None:
        common["names"] = starts
        super().__init__(len(starts), **common)
        self.steps, self.starts, self.window, self.columns = steps, starts, window, [*columns]
        self.series, self.timed, self.reading = [*series], timed, reading or Reading()
        self.container = container

    @property
    def summary(self) -> str:
        n, F = len(self), len(self.columns)
        of = f", of {len(self.series)} series" if self.series else ""
        return f"{n} window{'s' * (n != 1)} of {self.window} steps, {F} number{'s' * (F != 1)} each{of}"

    @property
    def data(self) -> NDArray[np.float64]:
        """The windows, (n, T, F), NaN where a cell is missing."""
        return sliding_window_view(self.steps.values, self.window, axis=0)[self.starts].transpose(0, 2, 1)

    @property
    def names(self) -> list[str]:
        """The first and the last time of each window; behind the name of its series where there are several."""
        first, last = (written(self.steps.times[self.starts + at]) for at in (0, self.window - 1))
        if not self.timed:  # windows that were handed over: nobody knows when they were
            return [str(i) for i in range(len(self))]
        spans = [f"{a} to {b}" for a, b in zip(first.tolist(), last.tolist(), strict=True)]
        if not self.series:
            return spans
        return [f"{self.series[g]}: {s}" for g, s in zip(self.steps.group[self.starts].tolist(), spans, strict=True)]

    @names.setter
    def names(self, names: Sequence[str]) -> None:
        raise AttributeError("the names of windows are their times")

    def name(self, row: int) -> str:
        return self[row : row + 1].names[0]

    def _picked(self, rows: Rows, picked: NDArray[Any]) -> range:
        return range(len(picked))  # what windows are called follows from where they begin

    def __getitem__(self, rows: Rows) -> Self:
        return type(self)(
            self.steps,
            self.starts[rows],
            self.window,
            self.columns,
            series=self.series,
            timed=self.timed,
            reading=self.reading,
            container=self.container,
            **self.chosen(rows),
        )

    def content(self) -> Iterable[tuple[str, NDArray[Any]]]:
        yield "values", self.steps.values
        yield "times", self.steps.times.view(np.int64)
        yield f"windows of {self.window}", self.starts

    def split(self, share: float, seed: int) -> tuple[Tensor, Tensor]:
        """Held-out windows stand together in a few stretches, and none that is trained on has a step of theirs.

        Windows overlap: of windows drawn one by one each would have neighbours among those that the model learned by
        heart, and held-out ones would seem as normal as those.
        """
        import torch

        n = len(self)
        order = np.argsort(self.starts, kind="stable")
        blocks = int(np.clip(share * n / self._apart(order), 1, BLOCKS)) if n >= 10 and share > 0 else 0
        parts: list[NDArray[np.intp]] = np.array_split(order, max(2, round(blocks / share))) if blocks else [order]
        chosen = np.random.default_rng(seed).permutation(len(parts))[:blocks]
        out: list[int] = chosen.tolist()
        held = np.sort(np.concatenate([order[:0], *(parts[i] for i in out)]))
        before = np.concatenate([[0], np.cumsum(self.cover(held) > 0)])
        free = before[self.starts + self.window] == before[self.starts]
        if not free.any():  # so few that none would be left
            return torch.arange(n), torch.arange(0)
        return torch.tensor(np.flatnonzero(free)), torch.tensor(held)

    def _apart(self, order: NDArray[np.intp]) -> float:
        """How many windows share a step with one."""
        hops = np.diff(self.starts[order])
        return max(1.0, self.window / max(1.0, float(np.median(hops)))) if len(hops) else 1.0

    def cover(self, windows: Any = slice(None)) -> NDArray[np.int64]:
        """How many of those windows cover each step: (N,)."""
        change = np.zeros(len(self.steps) + 1, np.int64)
        np.add.at(change, self.starts[windows], 1)
        np.add.at(change, self.starts[windows] + self.window, -1)
        return np.cumsum(change[:-1])

    def averaged(self, parts: Iterable[tuple[SeriesSource, NDArray[Any]]]) -> NDArray[np.float64]:
        """What is said of the steps of windows (n, T, ...), of each step: (N, ...), the mean over those that cover it.

        NaN where none does. `parts` are this source's, each with what is said of its windows.
        """
        total: Any = 0.0
        for part, said in parts:
            if isinstance(total, float):
                total = np.zeros((len(self.steps), *said.shape[2:]))
            for at in range(self.window):
                np.add.at(total, part.starts + at, said[:, at])
        with np.errstate(invalid="ignore"):
            return total / self.cover().reshape(-1, *[1] * (total.ndim - 1))

    def joined(self, windows: NDArray[Any], names: Sequence[Name]) -> Any:
        """Windows (n, T, F) such as `reconstruct` gives as one series again, each step the mean of what the windows
        that cover it say of it: the times and the columns; missing where no window is.

        A DataFrame of the library that the rows came in, of polars where they were an array or in a file.

        `names` are those of the F columns: a model gives them in the order of its fit, whatever it is here.

        >>> import latently
        >>> source = latently.open(np.arange(6.0)[:, None], window=4)
        >>> source.joined(source.data, source.columns)["0"].to_list()
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
        """
        import polars as pl

        found = self.averaged([(self, np.asarray(windows, np.float64))]).T
        told = dict(zip(map(str, names), found, strict=True))
        return in_library(pl.DataFrame(self.when(beside=told) | told).fill_nan(None), self.container)

    def when(self, beside: Iterable[str] = ()) -> dict[str, Any]:
        """The columns that say when, and of which series, the steps are; `beside` names those that they stand beside.

        Nobody but we calls a column "time" where none was named.
        """
        of: dict[str, Any] = {}
        if self.series:
            of[str(self.reading.series)] = [self.series[g] for g in self.steps.group]
        asked = self.reading.time
        return {**of, free("time", {*of, *beside}) if asked is None else str(asked): self.steps.times}


def source_of_windows(windows: Any, reading: Reading, **common: Any) -> SeriesSource:
    """The source of windows (n, T, F), such as models restore and draw."""
    given = np.asarray(windows, np.float64)
    if not given.size or np.isinf(given).any():
        raise InputError(
            f"windows of shape {' x '.join(map(str, given.shape))} were given; give finite numbers (windows, steps, "
            "columns), NaN where one is missing."
        )
    window = given.shape[1]
    values = np.concatenate([*given])
    names = [str(j) for j in range(values.shape[1])]
    row = np.arange(len(values))
    steps = Steps((row % window).astype(np.float64), values, row // window)
    return SeriesSource(steps, row[::window], window, names, timed=False, reading=reading, **common)
