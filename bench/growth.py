"""How cost grows: seconds an epoch against items, width, code size and picture size, as JSON and as a picture.

python -m bench.growth [--quick]

Each point is the quickest of the epochs after the first. Made-up data: the cost does not depend on what is in them. The
exponent is the slope between the two largest points on logarithmic axes: 1 is linear, and the smaller points show the
fixed cost of a step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

import latently

from .data import made_up
from .epochs import timed
from .record import HERE, keep, options

BATCH = 256
COLUMNS = 16
EPOCHS = 3


def rows(n: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((n, COLUMNS)).astype(np.float32)


def seconds(X: Any, **settings: Any) -> float:
    """Of one epoch of an autoencoder: the quickest after the first."""
    model = latently.AE(**settings, epochs=EPOCHS, batch_size=BATCH, validation=0, device="cpu")
    times = [seconds for seconds, _ in timed(model.begin(X).training)]
    return round(min(times[1:]), 5)


def items(n: int) -> float:
    return seconds(rows(n), latent=4)


def width(n: int) -> float:
    return seconds(made_up(4096), latent=16, encoder=f"dense{n} relu", decoder=f"dense{n} relu dense784 sigmoid")


def latent(n: int) -> float:
    return seconds(made_up(4096), latent=n, encoder="flatten", decoder="dense784 sigmoid")


def side(n: int) -> float:
    return seconds(made_up(512, n), latent=16)


# What grows, its values, and by which power of them the work grows where it is linear in the work.
SWEEPS: dict[str, tuple[Callable[[int], float], tuple[int, ...], int]] = {
    "items": (items, (1_000, 4_000, 16_000, 64_000, 250_000, 1_000_000), 1),
    "width": (width, (64, 128, 256, 512, 1024, 2048, 4096), 1),
    "latent": (latent, (4, 16, 64, 256, 512), 1),
    "side": (side, (16, 32, 64, 128), 2),
}
TITLES = {
    "items": "items of 16 columns",
    "width": "width of 784 - w - 16 - w - 784",
    "latent": "code of 784 - d - 784",
    "side": "side of a picture, default network",
}


def exponent(points: list[tuple[int, float]]) -> float:
    """The slope between the last two points, on logarithmic axes."""
    (a, s), (b, t) = points[-2:]
    return math.log(t / s) / math.log(b / a)


def _short(n: int) -> str:
    if n % 10**6 == 0:
        return f"{n // 10**6}M"
    return f"{n // 1000}k" if n % 1000 == 0 else str(n)


def draw(found: dict[str, list[tuple[int, float]]], path: Path) -> None:
    """A panel each, on logarithmic axes; dashed what linear growth of the work would be, through the last point."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter, NullLocator

    figure = Figure(figsize=(9, 6.6), layout="constrained", dpi=110)
    drawn = list[Any]()
    for axes, (name, points) in zip(figure.subplots(2, 2).flat, found.items(), strict=True):
        n, s = (np.array(column, float) for column in zip(*points, strict=True))
        drawn = [
            *axes.loglog(n, s, "o-", color="#2f5d8a", lw=1.6, ms=5, label="measured"),
            *axes.loglog(n, s[-1] * (n / n[-1]) ** SWEEPS[name][2], "--", color="#9aa0a6", lw=1.2, label="linear"),
        ]
        axes.set_xticks(n, [_short(int(v)) for v in n])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_ylim(10 ** math.floor(math.log10(s.min())), 10 ** math.ceil(math.log10(s.max())))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.grid(alpha=0.25, which="major")
        axes.set(xlabel=TITLES[name], ylabel="seconds an epoch")
        axes.set_title(f"slope at the end: {exponent(points):.2f} of {SWEEPS[name][2]}", fontsize=10, loc="right")
    figure.legend(handles=drawn, frameon=False, loc="outside upper center", ncols=2)
    figure.savefig(path)


def main() -> None:
    given = options(__doc__)
    torch.set_num_threads(given.threads)
    found: dict[str, list[tuple[int, float]]] = {}
    for name, (measured, values, _) in SWEEPS.items():
        found[name] = []
        for value in values[:2] if given.quick else values:
            found[name].append((value, measured(value)))
            print(f"{name} {value}: {found[name][-1][1]:.3f} s", flush=True)
    results = {f"{name}: s an epoch": dict(points) for name, points in found.items()}
    results |= {
        f"{name}: exponent between the two largest": round(exponent(points), 2) for name, points in found.items()
    }
    about = {"settings": {"batch": BATCH, "threads": given.threads, "titles": TITLES}}
    keep("growth", results, "torch", quick=given.quick, **about)
    picture = HERE / "results" / ("quick" if given.quick else "") / "growth.png"
    draw(found, picture)
    print(f"-> {picture.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
