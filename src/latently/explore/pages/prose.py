"""The report of a model of texts."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, cast

import numpy as np

from ...data import Source
from ...estimator import Latent
from ...params import parameters
from ...progress import early, kept
from ...store import atomic
from .. import figures, look
from ..judging import sentences
from ..judging.telling import Told, health, perplexity, plural, some
from .page import data_name, duration, embedded, environment

_PAIRS = 12  # texts shown beside what came back
_SAMPLES = 20
_ENDS = 5  # likeliest and oddest texts shown

Found = dict[str, Any]


def write_report(model: Any, source: Source, parts: tuple[Source, Source, bool], folder: Path) -> Path:
    """Writes the curve, `health.json` and `report.html` of a model of texts."""
    seen, held, unseen = parts
    kind = cast(type[Latent], type(model))
    looked = some(model, held)
    told = Told.of(model, looked)
    found = health(model, seen, held, told)
    curve, vitals = figures.curves(model.history_), figures.health(found)
    drawn = {"loss": curve, **({"latent-map": figures.latent_map(model, source)} if sentences.coded(model) else {})}
    for name, figure in drawn.items():
        with atomic(folder / "pictures" / f"{name}.png") as part:
            look.save(figure, part)
    with atomic(folder / "health.json") as part:
        part.write_text(json.dumps(found.plain(), indent=2, ensure_ascii=False), "utf-8")
    falling = np.argsort(-told.scores / told.tokens, kind="stable")
    each: list[tuple[str, float]] = [
        (told.texts[i], perplexity(-told.scores[i] / told.tokens[i])) for i in falling.tolist()
    ]
    page: Found = {
        "title": f"{kind.__name__} of {data_name(source)}",
        "written": time.strftime("%d %B %Y").lstrip("0"),
        "folder": str(folder),
        "source": source,
        "model": model,
        "health": found,
        "unseen": unseen,
        "samples": model.sample(_SAMPLES, seed=model.seed),
        "vitals": vitals and embedded(vitals),
        "map": embedded(drawn["latent-map"]) if "latent-map" in drawn else None,
        "words": plural(model),
        "word": plural(model).removesuffix("s"),
        **_through_codes(model, looked),
        "likeliest": each[:_ENDS],
        "oddest": each[::-1][:_ENDS],
        "curve": embedded(curve),
        "best": kept(model.history_),
        "early": early(model.history_, model.epochs),
        "facts": _facts(model, source, parts),
        "params": [(p, getattr(model, name)) for name, p in parameters(kind).items()],
    }
    target = folder / "report.html"
    with atomic(target) as part:
        part.write_text(environment().get_template("prose.html.jinja").render(page), "utf-8")
    return target


def _through_codes(model: Any, source: Source) -> Found:
    """Texts beside what came back of them, and the way from one to another; nothing where there are no codes."""
    if not sentences.coded(model):
        return {"pairs": [], "walk": []}
    back = sentences.Restored.of(model, source[:_PAIRS])
    return {
        "pairs": list(zip(back.before, back.after, back.shares.tolist(), strict=True)),
        "walk": sentences.walk(model, source, model.seed),
    }


def _facts(model: Any, source: Source, parts: tuple[Source, Source, bool]) -> list[tuple[str, str]]:
    seen, held, unseen = parts
    epochs, seconds = len(model.history_), sum(e["seconds"] for e in model.history_)
    return [
        ("Data", source.summary),
        ("Texts", f"{len(seen):,} to train on, {len(held):,} held out" if unseen else "all to train on"),
        ("Vocabulary", f"{len(model.codec_.words):,} tokens, by {model.codec_.unit}, cleaned by {model.codec_.clean}"),
        ("Longest", f"{model.codec_.spec.shape[0]} tokens, start and end among them"),
        *_networks(model),
        ("Weights", f"{sum(p.numel() for p in model.module_.parameters()):,}"),
        ("Training", f"{epochs} epoch{'s' * (epochs != 1)} in {duration(seconds)}"),
    ]


def _networks(model: Any) -> list[tuple[str, str]]:
    if not sentences.coded(model):
        return [("Network", model.networks_["decoder"])]
    return [
        ("Code", f"{model.latent_} numbers"),
        ("Encoder", model.networks_["encoder"]),
        ("Decoder", model.networks_["decoder"]),
    ]
