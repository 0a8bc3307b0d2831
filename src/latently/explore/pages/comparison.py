"""A comparison as one HTML file that needs no network and opens anywhere."""

from __future__ import annotations

import time
from typing import Any

from ..judging.comparison import Comparison, measure
from .page import data_name, embedded, environment


def page(found: Comparison) -> str:
    """The page: the numbers with their meanings, and what the models make side by side."""
    block = found.block()
    head, *lines = block.lines
    best = block.marked or frozenset()
    rows = [
        {
            "kind": entry.kind,
            "cells": [{"text": c.strip().rstrip("*"), "best": (i, j) in best} for j, c in enumerate(line)],
        }
        for i, (entry, line) in enumerate(zip(found.entries, lines, strict=True), 1)
    ]
    pictures = found.shown.kind == "image"
    count = sum(entry.kind == "model" for entry in found.entries)
    told: dict[str, Any] = {
        "title": f"{count} model{'s' * (count != 1)} of {data_name(found.shown)}",
        "written": time.strftime("%d %B %Y").lstrip("0"),
        "found": found,
        "linear": any(entry.kind == "PCA" for entry in found.entries),
        "head": [name.strip() for name in head],
        "rows": rows,
        "meanings": [measure(key) for key in found.columns],
        "charts": [embedded(figure) for figure in found.figures()] if pictures else [],
        "beside": [] if pictures else found.beside(),
    }
    return environment().get_template("comparison.html.jinja").render(told)
