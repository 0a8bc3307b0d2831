"""One file's picture: what its header says, and its pixels in a size and a form."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from .images import resize
from .source import Size

MOST_PIXELS = 100_000_000  # of one picture, by its header: more would take gigabytes to decode
LARGE = 30_000_000  # pixels from which pictures are decoded one at a time

BYTES = {"L": (1, np.uint8), "RGB": (3, np.uint8), "RGBA": (4, np.uint8), "I": (1, np.uint16), "F": (1, np.float32)}
_FORMS = {"1": "L", "L": "L", "I": "I", "I;16": "I", "I;16B": "I", "I;16L": "I", "F": "F"}
_CLEAR = {"RGBA", "RGBa", "LA", "La", "PA"}


class Unusable(Exception):
    """A file that is left out; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path relative to the folder, what marks its content, and how it is read."""

    name: str
    mark: tuple[int, int]
    read: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture's header says: its upright size, and its form as a mode of Pillow."""

    size: Size
    form: str


def look(entry: Entry) -> Look | str:
    """What the header says, or the reason why the file is left out."""
    try:
        with Image.open(entry.read()) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                return f"{width} x {height}, over {MOST_PIXELS // 10**6} million pixels"
            upright = Image.Image.getexif(picture).get(0x0112, 1) < 5  # the format's own getexif would decode a PNG
            return Look((height, width) if upright else (width, height), _form_of(picture))
    except Image.DecompressionBombError:
        return f"over {MOST_PIXELS // 10**6} million pixels"
    except Unusable as error:
        return str(error)
    except Exception:  # Pillow's readers raise whatever a broken file makes them
        return "not a picture"


def _form_of(picture: Image.Image) -> str:
    clear = picture.mode in _CLEAR or (picture.mode == "P" and "transparency" in picture.info)
    return "RGBA" if clear else _FORMS.get(picture.mode, "RGB")


def common(forms: set[str]) -> str:
    """The form that holds all of them: the widest of 8 bits, unless all are of 16 bits or all floating-point.

    >>> common({"L", "RGB"}), common({"I"}), common({"I", "L"})
    ('RGB', 'I', 'L')
    """
    if len(forms) == 1:
        return next(iter(forms))
    return next((form for form in ("RGBA", "RGB") if form in forms), "L")


_alone = threading.Lock()


def decode(entry: Entry, seen: Look, target: Size, form: str) -> tuple[NDArray[Any], Size] | str:
    """One picture in the common form and size with the size it had, or the reason why it is left out."""
    try:
        with _alone if seen.size[0] * seen.size[1] > LARGE else nullcontext(), Image.open(entry.read()) as picture:
            picture.draft(None, (2 * max(target), 2 * max(target)))  # JPEG: no finer than is needed
            return _shaped(ImageOps.exif_transpose(picture), target, form), seen.size
    except Unusable as error:
        return str(error)
    except Exception:  # as above
        return "cut short or damaged"


def _shaped(picture: Image.Image, target: Size, form: str) -> NDArray[Any]:
    """Shape (H, W, C) of `target` and `form`."""
    if form in ("I", "F") or picture.mode.startswith("I"):
        values = np.asarray(picture, dtype=np.float32)[..., None]
        if form == "F":
            if not np.isfinite(values).all():
                raise Unusable("missing or infinite values")
            return resize(values, target)
        wide = resize(np.clip(values, 0, 65535), target)
        if form == "I":
            return np.rint(wide).astype(np.uint16)
        return np.repeat(np.rint(wide / 257), BYTES[form][0], axis=-1).astype(np.uint8)
    converted = picture if picture.mode == form else picture.convert(form)
    if (picture.height, picture.width) != target:
        converted = converted.resize((target[1], target[0]), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(converted).reshape(*target, -1)
