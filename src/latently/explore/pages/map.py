"""A map as one page: the points, what is known of each item, and a script of our own that draws them. No network.

The page holds three parts: a description in JSON with arrays in base64, sheets of small pictures, and the script. The
policy in its head lets nothing run but that script, whose hash it names, and nothing be fetched at all: a label that
looks like markup is text, and would do nothing if it were not.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from ...data import ImageSource, Source, TextSource
from ...store import atomic
from .. import look
from ..figures.codes import placed
from ..places.projections import WAYS
from ..places.told import Told, named, told
from .page import data_name, environment
from .sheets import background, thumbnails

if TYPE_CHECKING:
    from ..places.maps import LatentMap

MOST_CELLS = 4_000_000  # values of columns that a page holds: 16 MB
MOST_TEXT = 12_000_000  # characters of texts
WIDEST = 400  # characters of one text
_ITEMS = {"image": "pictures", "table": "rows", "text": "texts", "series": "windows"}
_BENT = "Who is near whom counts; how far apart groups lie, and how large they are, does not."
_STRAIGHT = "Straight axes: distances are those of the codes, as well as {} axes can keep them."


def write_map(found: LatentMap, path: Path, by: str | None = None) -> Path:
    """The page of a map."""
    small = thumbnails(found.source, _order(found))
    items = _items(found, small.order, by)
    if small.sheets:
        items["sheets"] = small.about
    under = background(found)
    if under is not None:
        items["background"] = under.about
    script = "\n".join(_read(name) for name in ("pointmap.js", "items.js", "map.js")) + "\nshowMap(PointMap);\n"
    page = (
        environment()
        .get_template("map.html.jinja")
        .render(
            title=items["title"],
            about=_about(found),
            reading=_reading(found),
            notes=[] if found.source is None else found.source.notes,
            css=_read("map.css"),
            script=script,
            digest=b64encode(sha256(script.encode()).digest()).decode(),
            given=_json(items),
            sheets=small.sheets,
            background=None if under is None else under.uri,
            deep=found.dimensions == 3,
        )
    )
    with atomic(path) as part:
        part.write_text(page, "utf-8")
    return path


def _read(name: str) -> str:
    return files("latently").joinpath("explore", "pages", name).read_text("utf-8")


def _json(what: Any) -> str:
    """JSON that can stand inside a script element: no text can end it."""
    return json.dumps(what, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _items(found: LatentMap, order: NDArray[np.intp], by: str | None) -> dict[str, Any]:
    """What the script reads: everything in the order of drawing."""
    points = placed(found)[order]
    n, low, high = len(points), points.min(0), points.max(0)
    share = (points - low) / np.where(high > low, high - low, 1)
    room = max(1, MOST_CELLS // n)
    known = told(found)
    chosen = named(found, by)
    first = [one for one in known if chosen is not None and one.name == chosen.name]
    columns = [*first, *(one for one in known if one not in first)]
    columns = [one for one in columns if np.issubdtype(one.values.dtype, np.floating) or one.kind != "number"]
    if not columns:
        columns = [Told("codes", "class", np.full(n, "code", object))]
    rows = np.arange(n) if found.rows is None else found.rows
    items: dict[str, Any] = {
        "title": "Codes" if found.source is None else data_name(found.source),
        "count": n,
        "total": found.total or n,
        "dimensions": points.shape[1],
        "points": _packed(np.rint(share * 65535).astype(np.uint16).reshape(-1)),
        "low": low.tolist(),
        "high": high.tolist(),
        "usual": found.usual_,
        "rows": _packed(rows[order].astype(np.uint32)),
        "names": _names(found.source, order),
        "columns": [_column(one, order) for one in columns[:room]],
        "left": max(0, len(columns) - room),
        "palette": _palette(),
    }
    if isinstance(found.source, TextSource):
        most = max(40, min(WIDEST, MOST_TEXT // n))
        items["texts"] = [look.short(found.source.text(i), most) for i in order.tolist()]
    elif found.source is not None and str(found.source.kind) == "series":
        items["series"] = _series(np.asarray(found.source.data, np.float64)[order])
    return items


def _order(found: LatentMap) -> NDArray[np.intp]:
    """Drawn in a random order, or the last class would hide the others; of pictures, those near each other together,
    so that a part of the map takes few sheets."""
    shuffled = np.random.default_rng(0).permutation(len(found.points_))
    if not isinstance(found.source, ImageSource):
        return shuffled
    points = found.points_[shuffled, :2]
    share = (points - points.min(0)) / np.maximum(np.ptp(points, axis=0), 1e-12)
    return shuffled[np.argsort(_along(share), kind="stable")]


def _along(share: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Places in the unit square (n, 2) by how far along a curve that fills it (Morton's) they are.

    >>> _along(np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])).argsort().tolist()
    [0, 2, 1]
    """
    cells = (share * 1023).astype(np.uint32)
    found = np.zeros(len(cells), np.uint32)
    for bit in range(10):
        for axis in (0, 1):
            found |= ((cells[:, axis] >> np.uint32(bit)) & np.uint32(1)) << np.uint32(2 * bit + axis)
    return found


def _names(source: Source | None, order: NDArray[np.intp]) -> list[str] | None:
    """Names that say more than the row's number."""
    if source is None or isinstance(source, TextSource):
        return None
    names = source.names
    if names[:1] == [""] or all(name.isdigit() for name in names[:50]):
        return None
    return [names[i] for i in order.tolist()]


def _column(one: Told, order: NDArray[np.intp]) -> dict[str, Any]:
    values = one.values[order]
    about = {"name": one.name, "kind": one.kind, "about": one.about}
    if one.kind == "text":
        return {**about, "values": [look.short(value, WIDEST) for value in values.tolist()]}
    if one.kind == "class":
        return {**about, **_levels(one, values)}
    low, high = one.ends
    exact = one.kind == "date" or np.nanmax(np.abs(values), initial=0) >= 2**24
    return {**about, "values": _packed(values.astype(np.float64 if exact else np.float32)), "low": low, "high": high}


def _levels(one: Told, values: NDArray[Any]) -> dict[str, Any]:
    """Each item's level by its number, the levels' places in the palette (-1: none of its own), and the legend."""
    shown = one.shown
    places = {name: place for place, name in enumerate(shown)}
    distinct, counts = np.unique(values.astype(str), return_counts=True)
    levels: list[str] = [*shown, *(str(name) for name in distinct if name and str(name) not in places)][:65_535]
    number = {name: k for k, name in enumerate(levels)}
    small = np.uint8 if len(levels) < 255 else np.uint16
    missing = int(np.iinfo(small).max)
    each: dict[str, int] = dict(zip(distinct.tolist(), counts.tolist(), strict=True))
    legend = [{"place": places[name], "name": name, "count": each[name]} for name in shown]
    rest = len(values) - sum(each[name] for name in shown)
    if rest:
        others = len(set(distinct.tolist()) - set(shown) - {""})
        legend.append({"place": -1, "name": f"{others:,} others" if others else "missing", "count": rest})
    return {
        "values": _packed(np.array([number.get(str(v), missing) for v in values.tolist()], small)),
        "levels": levels,
        "places": [places.get(name, -1) for name in levels],
        "legend": legend,
    }


def _series(windows: NDArray[np.float64]) -> dict[str, Any]:
    """Windows (n, T, F) in 256 steps between the least and the greatest of each number."""
    low, high = np.nanmin(windows, (0, 1)), np.nanmax(windows, (0, 1))
    share = np.nan_to_num((windows - low) / np.where(high > low, high - low, 1))
    n, length, channels = windows.shape
    packed = _packed(np.rint(share * 255).astype(np.uint8).reshape(-1))
    return {"values": packed, "length": length, "channels": channels, "count": n}


def _packed(values: NDArray[Any]) -> dict[str, str]:
    kinds = {"uint8": "u1", "uint16": "u2", "uint32": "u4", "float32": "f4", "float64": "f8"}
    little = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<")))
    return {"type": kinds[values.dtype.name], "data": b64encode(little.tobytes()).decode()}


def _palette() -> dict[str, Any]:
    """Colours on light and on dark paper; shades leave out the end that is nearly the paper."""
    shades = cast(Any, colormaps[look.SHADES])
    return {
        "classes": [look.CLASSES, look.CLASSES_DARK],
        "others": [look.OTHERS, look.OTHERS_DARK],
        "shades": [[to_hex(shades(t)) for t in np.linspace(*ends, 12)] for ends in ((0, 0.95), (0.22, 1))],
    }


def _reading(found: LatentMap) -> str:
    """What may be read from distances."""
    if found.plain:
        return "All codes are the same: the map is a single place."
    return _BENT if found.how in WAYS else _STRAIGHT.format(("two", "three")[found.dimensions - 2])


def _about(found: LatentMap) -> str:
    way = WAYS[found.how].title if found.how in WAYS else "PCA"
    size = found.codes_.shape[1]
    codes = f"codes of {size} number{'s' * (size != 1)}"
    if found.source is None or found.model is None:
        return f"{way} of {len(found.codes_):,} {codes}"
    return f"{way} of {_ITEMS.get(found.source.kind, 'items')} by a {type(found.model).__name__}, {codes}"
