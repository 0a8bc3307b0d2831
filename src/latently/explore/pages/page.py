"""What every report is made of: the template's place, pictures inside the page, and words for people."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader
from matplotlib.figure import Figure
from PIL import Image

from ...data import Source
from .. import look
from ..judging.finding import short


def environment() -> Environment:
    """Where the pages' templates are."""
    made = Environment(loader=PackageLoader("latently", "explore/pages"), autoescape=True)
    made.filters["short"] = short
    return made


def embedded(figure: Figure) -> dict[str, Any]:
    """A figure for the page: its address and its width."""
    written = BytesIO()
    look.save(figure, written, clear=True)
    return {"uri": _uri(written), "width": round(figure.get_figwidth() * 100)}


def data_uri(image: Image.Image) -> str:
    """A picture as an address that holds all of it."""
    written = BytesIO()
    image.save(written, "png", optimize=True)
    return _uri(written)


def _uri(png: BytesIO) -> str:
    return f"data:image/png;base64,{b64encode(png.getvalue()).decode()}"


def data_name(source: Source) -> str:
    """What to call the data."""
    return Path(source.origin).name if source.origin else "data in memory"


def duration(seconds: float) -> str:
    """A time span in words."""
    return f"{seconds:.1f} seconds" if seconds < 90 else f"{seconds / 60:.1f} minutes"
