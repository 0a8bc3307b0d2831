"""What a comparison of models found: one table, and what they make side by side, to be printed, drawn and kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...data import Source, write
from ...errors import InputError
from ...store import atomic
from .. import look
from ..figures import blocks
from ..figures.blocks import Block
from ..figures.strips import gallery, stacked
from .measures import MEASURES, Measure

COSTS = {
    "latent": Measure("code", "", "", "numbers in a code; of a codebook its entries"),
    "auroc": Measure("AUROC", "", "higher", "odd items told from others by their score; .5 is by chance"),
    "encode": Measure("encode, ms", "ms per 1,000 items", "", "the quickest of seven times"),
    "fit": Measure("fit, s", "s", "", "time spent on training"),
    "parameters": Measure("weights", "", "", "numbers that were learned"),
    "size": Measure("file, MB", "MB", "", "the saved model; of PCA its numbers, four bytes each"),
}
SHOWN = (
    "latent",
    "restored",
    "psnr",
    "ssim",
    "nll_token",
    "restored_words",
    "knn_accuracy",
    "silhouette",
    "frechet",
    "precision",
    "recall",
    "auroc",
    "encode",
    "fit",
    "parameters",
    "size",
)
ACROSS = 8  # items that are shown

Numbers = dict[str, float | None]


def measure(name: str) -> Measure:
    """What a column of a comparison is called, counted in, and means."""
    return COSTS[name] if name in COSTS else MEASURES[name]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One row of a comparison.

    Parameters
    ----------
    name
        What it is called.
    kind
        "model", "PCA" or "untrained".
    model
        What was measured.
    numbers
        By their names in `SHOWN`; None where one cannot be had.
    columns
        Of a table: how well each column comes back, as `evaluate` says it.
    restored, drawn
        Some items as they come back, and new ones, in the types that they came in; None where there are none.
    rank
        The place among all, 1 for the best, where they were ranked.
    """

    name: str
    kind: str
    model: Any
    numbers: Numbers
    columns: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Any])
    restored: Any = None
    drawn: Any = None
    rank: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Models measured on the same items; printed, it is a table.

    Parameters
    ----------
    entries
        One a row: the models as they were given, or ranked; then PCA and the untrained network.
    items
        How many were measured.
    unseen
        Whether the first model was trained without them.
    shown
        Some of them, which `entries` have as they come back.
    notes
        What could not be measured, and why.
    """

    entries: tuple[Entry, ...]
    items: int
    unseen: bool
    shown: Source
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, name: str) -> Entry:
        """The row of that name."""
        found = {entry.name: entry for entry in self.entries}
        if name not in found:
            raise InputError(f"there is no row {name!r} in this comparison; it has {', '.join(found)}.")
        return found[name]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the numbers that at least one row has."""
        return tuple(key for key in SHOWN if any(e.numbers.get(key) is not None for e in self.entries))

    def best(self, column: str) -> tuple[str, ...]:
        """The rows with the best value of a column, the untrained left out; none where neither way is better."""
        trained = [e for e in self.entries if e.kind != "untrained"]
        values = {e.name: e.numbers[column] for e in trained if e.numbers.get(column) is not None}
        better = measure(column).better
        if not better or not values:
            return ()
        best = (max if better == "higher" else min)(cast(Iterable[float], values.values()))
        return tuple(name for name, value in values.items() if value == best)

    def __str__(self) -> str:
        page = [
            f"Measured on {self.items:,} {'held-out ' * self.unseen}items; * is the best of what was trained.",
            blocks.text([self.block()]),
            "\n".join(self.notes),
        ]
        return "\n\n".join(filter(None, page))

    def block(self) -> Block:
        """The numbers as a table of cells, the best of each column with a star."""
        ranked = any(e.rank is not None for e in self.entries)
        head = ["", *(["rank"] if ranked else []), *(measure(key).title for key in self.columns)]
        lines, marked = [head], set[tuple[int, int]]()
        best = {key: self.best(key) for key in self.columns}
        for i, entry in enumerate(self.entries, 1):
            line = [look.short(entry.name, 30), *([f"{entry.rank:g}" if entry.rank else "–"] if ranked else [])]
            for key in self.columns:
                star = entry.name in best[key] and len(self.entries) > 1
                if star:
                    marked.add((i, len(line)))
                line.append(written(key, entry.numbers.get(key)) + ("*" if star else " "))
            lines.append(line)
        return Block("", [[f"{c} " if i == 0 and j else c for j, c in enumerate(line)] for i, line in enumerate(lines)],
                     numbers=True, marked=frozenset(marked))  # fmt: skip

    def beside(self) -> list[Block]:
        """What came back side by side, as text: each column of a table, or some texts."""
        names = [look.short(e.name, 18) for e in self.entries if e.restored is not None]
        if self.shown.kind == "text":
            texts = [[*items] for items in ([*self.shown.data], *(e.restored for e in self.entries if e.restored))]
            titles = ["original", *names]
            return [
                Block("", [[t, look.short(one[i], 90)] for t, one in zip(titles, texts, strict=True)], headed=False)
                for i in range(len(self.shown))
            ]
        judged = [e for e in self.entries if e.columns]
        if not judged:
            return []
        head = ["how each column comes back", *(look.short(e.name, 18) for e in judged), "by guessing"]
        lines = [[look.short(c, 24), *(_column(e.columns.get(c)) for e in judged), _guess(judged[0].columns[c])]
                 for c in judged[0].columns]  # fmt: skip
        return [Block("", [head, *lines], numbers=True, marked=frozenset())]

    def figures(self) -> list[Figure]:
        """The pictures side by side: restored under the originals, then new ones; or the same as text."""
        if self.shown.kind != "image":
            return [blocks.drawn(self.beside())] if self.beside() else []
        pairs = [e for e in self.entries if e.restored is not None]
        names = ["original", *map(_named, pairs)]
        made = [gallery(_rows([self.shown.data, *(e.restored for e in pairs)]), len(self.shown), names, side=80)]
        new = [e for e in self.entries if e.drawn is not None]
        if new:
            names = [f"{look.short(e.name, 20)}, new" for e in new]
            made.append(gallery(_rows([e.drawn for e in new]), ACROSS, names, side=80))
        return made

    def frame(self) -> Any:
        """One row a model, as a polars DataFrame: name, kind, rank where ranked, and every number."""
        import polars as pl

        return pl.DataFrame(self.plain()["rows"])

    def plain(self) -> dict[str, Any]:
        """Everything but the items and the models, as JSON can hold it."""
        ranked = any(e.rank is not None for e in self.entries)
        rows = [
            {"name": e.name, "kind": e.kind, **({"rank": e.rank} if ranked else {})}
            | {key: e.numbers.get(key) for key in self.columns}
            for e in self.entries
        ]
        about = {key: _meaning(measure(key)) for key in self.columns}
        return {"items": self.items, "unseen": self.unseen, "rows": rows, "columns": about, "notes": [*self.notes]}

    def keep(self, folder: str | Path) -> list[Path]:
        """Saves the compared models, PCA and untrained ones left out, as NAME.safetensors in a folder.

        Raises
        ------
        OutputError
            The folder cannot be written.
        """
        models = {re.sub(r"[^\w.-]+", "-", e.name).strip("-."): e.model for e in self.entries if e.kind == "model"}
        return [model.save(Path(folder) / f"{name or 'model'}.safetensors") for name, model in models.items()]

    def save(self, path: str | Path) -> Path:
        """Writes it, whole or not at all: `.html` (a page that opens anywhere), `.png`, `.json`, `.csv`, `.parquet`.

        Raises
        ------
        InputError
            The ending is another one.
        OutputError
            The place cannot be written.
        """
        path = Path(path)
        ending = path.suffix.lower()
        if ending not in _SAVERS:
            raise InputError(f"{path} has an ending that is not known; a comparison goes to {', '.join(_SAVERS)}.")
        _SAVERS[ending](self, path)
        return path


def written(column: str, value: float | None) -> str:
    """A number as a cell.

    >>> written("parameters", 1234567.0), written("restored", 0.91234), written("frechet", None), written("fit", 61.4)
    ('1,234,567', '0.912', '–', '61.4')
    """
    if value is None:
        return "–"
    if column in ("latent", "parameters"):
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3f}"


def _meaning(told: Measure) -> str:
    better = f"; {told.better} is better" if told.better else ""
    return f"{told.unit + ', ' if told.unit else ''}{told.about}{better}"


def _column(judged: Mapping[str, float] | None) -> str:
    if judged is None:
        return "–"
    return f"R² {judged['r2']:.3f}" if "r2" in judged else f"{judged['accuracy']:.1%}"


def _guess(judged: Mapping[str, float]) -> str:
    return f"R² {judged['guess']:.3f}" if "r2" in judged else f"{judged['guess']:.1%}"


def _named(entry: Entry) -> str:
    """A row's name with the share that comes back."""
    value = entry.numbers.get("restored")
    return look.short(entry.name, 20) + ("" if value is None else f", {value:.0%}")


def _rows(parts: Sequence[Any]) -> list[NDArray[Any]]:
    """Pictures of several sets, one set after the other."""
    return [np.asarray(picture) for part in parts for picture in part]


def _html(found: Comparison, path: Path) -> None:
    from ..pages.comparison import page

    with atomic(path) as part:
        part.write_text(page(found), "utf-8")


def _png(found: Comparison, path: Path) -> None:
    drawn = stacked([blocks.drawn([found.block()]), *found.figures()])
    with atomic(path) as part:
        drawn.save(part)


def _json(found: Comparison, path: Path) -> None:
    with atomic(path) as part:
        part.write_text(json.dumps(found.plain(), indent=2, ensure_ascii=False), "utf-8")


def _table(found: Comparison, path: Path) -> None:
    write(path, found.frame())


_SAVERS: dict[str, Callable[[Comparison, Path], None]] = {
    ".html": _html,
    ".png": _png,
    ".json": _json,
    ".csv": _table,
    ".tsv": _table,
    ".parquet": _table,
}
