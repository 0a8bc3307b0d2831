"""One HTML file that says how a trained model did: it needs no network, opens anywhere, and prints."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data import Source
from ...estimator import Latent
from ...params import parameters
from ...progress import early, kept
from ...runs import Run
from ...store import atomic
from .. import figures, look, tables
from ..figures.pictures import Pictures, scaled, shown, value_range
from ..figures.restored import off
from ..given import read
from ..judging.features import undrawable
from ..judging.health import health
from ..judging.quality import AgainstPCA, against_pca, code_size, halves, one_size, pick
from . import prose
from .page import data_name, data_uri, duration, embedded, environment

_ROWS = 5
_COLUMNS = 8
_PAIRS = 10
_HARDEST = 10
_NEW = 60
_SEARCHED = 1000  # held-out pictures among which the hardest are looked for
_TILE = 144  # pixels a picture keeps in the report: twice what it is shown at
_EVEN = 0.005  # closer than half a percent of the variation is called even


def report(run: Run | str | Path, data: Any = None) -> Path:
    """Writes the pictures, the health and the report of a run into its folder, and gives the report's path.

    Parameters
    ----------
    run
        A run whose training has ended, or its folder.
    data
        What to show the model on; None opens again what it was trained on.

    Raises
    ------
    ModelFileError
        There is no trained model in the folder, or its data came from memory and none are given.
    OutputError
        The folder cannot be written.
    """
    run = run if isinstance(run, Run) else Run(run)
    model = run.load()
    return write_report(model, run.open() if data is None else read(model, data), run.path)


def write_report(model: Latent, source: Source, folder: Path) -> Path:
    """Writes `pictures/*.png`, `health.json` and `report.html`, for a model that lies in `folder`."""
    source = one_size(source)
    seen, held, unseen = halves(source, model.validation, model.seed)
    if source.kind == "text":
        return prose.write_report(model, source, (seen, held, unseen), folder)
    compared = against_pca(model, seen, held, unseen=unseen, seed=model.seed)
    found = health(model, source, comparison=compared)
    vitals = figures.health(found)
    no_samples = undrawable(model)
    drawn = {
        "originals-restored": figures.restored(model, held),
        **({} if no_samples else {"samples": figures.samples(model, source)}),
        "latent-map": figures.latent_map(model, source),
        "loss": figures.curves(model.history_),
    }
    if source.kind == "series":
        drawn["odd"] = figures.oddest(model, source)
    for name, figure in drawn.items():
        with atomic(folder / "pictures" / f"{name}.png") as part:
            look.save(figure, part)
    page = {
        "title": f"{type(model).__name__} of {data_name(source)}",
        "written": time.strftime("%d %B %Y").lstrip("0"),
        "folder": str(folder),
        "model": model,
        "source": source,
        "unseen": unseen,
        "kind": source.kind,
        "verdict": verdict(model, compared),
        "health": found,
        "no_samples": no_samples,
        "charts": {name: embedded(f) for name, f in {**drawn, "health": vitals}.items() if f is not None},
        "best": kept(model.history_),
        "early": early(model.history_, model.epochs),
        **_facts(model, source, seen, held),
        **_PARTS[source.kind](model, held, not no_samples),
    }
    with atomic(folder / "health.json") as part:
        part.write_text(json.dumps(found.plain(), indent=2, ensure_ascii=False), "utf-8")
    target = folder / "report.html"
    with atomic(target) as part:
        part.write_text(environment().get_template("report.html.jinja").render(page), "utf-8")
    return target


def verdict(model: Latent, found: AgainstPCA) -> dict[str, Any]:
    """The comparison in plain words: a headline, a sentence, a hint where there is one, and the bars."""
    where = f"{found.rows:,} {'held-out items' if found.unseen else 'items that it was trained on'}"
    bars = [
        (f"{type(model).__name__}, {found.latent} numbers", found.model),
        (f"PCA, {found.latent} numbers", found.pca),
    ]
    spoken: dict[str, Any] = {"where": where, "found": found, "hints": []}
    if not (math.isfinite(found.model) and math.isfinite(found.pca)):
        return {
            **spoken,
            "head": "Nothing to compare",
            "text": "These items do not differ from each other.",
            "bars": [],
        }
    text = f"On {where}, {found.latent} numbers bring back {found.model:.1%} of what differs between them; "
    text += f"PCA: {found.pca:.1%}."
    if found.latent >= found.size:
        head = "Nothing is compressed"
        text += f" A code as long as the item ({found.size} numbers) can be a copy of it; choose a smaller latent."
    elif found.model > found.pca + _EVEN:
        head = "Restores more than PCA"
    elif found.model > found.pca - _EVEN:
        head = "Restores as much as PCA"
    else:
        head = "PCA restores more"
        spoken["hints"] = _hints(model)
    return {
        **spoken,
        "head": head,
        "text": text,
        "bars": [(name, min(1.0, max(0.0, v)), f"{v:.1%}") for name, v in bars],
    }


def _hints(model: Latent) -> list[str]:
    """What may make a model restore more, the most likely first."""
    last = model.history_[-1]
    hints = (
        [f"more epochs: the last of {last['epoch']} was still the best one"]
        if last["best"] and last["validation"] and not model.module_.bottleneck.drawn
        else []
    )
    beta = getattr(model, "beta", 0.0)
    hints += [f"a smaller beta (it is {beta:g}): it pays for smooth codes with restoration"] if beta else []
    return [*hints, "a longer code, or networks of another size", "PCA itself, if restoring is all you need"]


def _facts(model: Latent, source: Source, seen: Source, held: Source) -> dict[str, Any]:
    weights = sum(p.numel() for p in model.module_.parameters())
    size, code = model.codec_.spec.width, code_size(model)
    entries = f", each an entry of {model.latent_ // code}" if code < model.latent_ else ""
    seconds = sum(e["seconds"] for e in model.history_)
    labels = None if source.labels is None else len(np.unique(source.labels))
    use = "used for colours only"
    split = f"{len(seen):,} to train on, {len(held):,} held out" if seen is not held else "all to train on"
    facts = [
        ("Data", source.summary),
        ("Items", split),
        ("Labels", None if labels is None else f"{labels}, {'told to the decoder' if model.conditional else use}"),
        ("Code", f"{code} number{'s' * (code != 1)} for {size:,}: {size / code:,.3g} to 1{entries}"),
        ("Encoder", model.networks_["encoder"]),
        ("Decoder", model.networks_["decoder"]),
        ("Weights", f"{weights:,}"),
        ("Training", f"{len(model.history_)} epoch{'s' * (len(model.history_) != 1)} in {duration(seconds)}"),
    ]
    params = [(p, getattr(model, name)) for name, p in parameters(type(model)).items()]
    return {"facts": [f for f in facts if f[1] is not None], "params": params, "terms": figures.parts(model.history_)}


def _picture_parts(model: Latent, held: Source, draws: bool) -> dict[str, Any]:
    some = held[pick(len(held), _SEARCHED, model.seed)]
    before, after = some.data, model.reconstruct(some)
    low, high = value_range(before)
    gaps = np.array([off(x, y, low, high) for x, y in zip(before, after, strict=True)])
    random = np.random.default_rng(model.seed).permutation(len(some))[:_PAIRS]
    worst = np.argsort(-gaps, kind="stable")[:_HARDEST]

    def pairs(rows: NDArray[np.intp]) -> list[dict[str, Any]]:
        return [
            {
                "before": _tile(before[i], low, high),
                "after": _tile(after[i], low, high),
                "name": some.names[i],
                "label": "" if some.labels is None else look.short(some.labels[i], 10),
                "off": f"{gaps[i]:.0%}",
            }
            for i in rows
        ]

    new: Pictures = model.sample(_NEW, seed=model.seed) if draws else []
    return {
        "pairs": pairs(random),
        "hardest": pairs(worst) if len(some) > _PAIRS + _HARDEST else [],
        "searched": len(some),
        "tiles": [_tile(x, low, high) for x in new],
        "crisp": max(np.shape(before[0])[:2]) <= _TILE // 2,
    }


def _table_parts(model: Latent, held: Source, draws: bool) -> dict[str, Any]:
    del draws  # networks with skips, of which none can be drawn, are for pictures
    some = held[pick(len(held), _ROWS, model.seed)]
    names = tables.names(model)
    columns = names[:_COLUMNS]
    before, after, new = (
        tables.rows(model, items, _COLUMNS)
        for items in (some.data, model.reconstruct(some), model.sample(_ROWS, seed=model.seed))
    )
    return {
        "columns": columns,
        "more_columns": len(names) - len(columns),
        "rows": [list(zip(x, y, strict=True)) for x, y in zip(before, after, strict=True)],
        "new_rows": new,
    }


def _series_parts(model: Latent, held: Source, draws: bool) -> dict[str, Any]:
    del model, held, draws  # its figures say it all
    return {}


_PARTS: dict[str, Callable[[Latent, Source, bool], dict[str, Any]]] = {
    "image": _picture_parts,
    "table": _table_parts,
    "series": _series_parts,
}


def _tile(picture: NDArray[Any], low: float, high: float) -> str:
    image = shown(picture, low, high)
    return data_uri(scaled(image, _TILE) if max(image.size) > _TILE else image)
