"""Anomalies in 15 series of the Numenta benchmark, beside a rolling z-score and PyOD's detectors on the same windows.

python -m bench.quality.nab [--quick] [--rate .01]
python -m bench.quality.nab --networks      # Latently alone: which network for windows; to quality-nab-networks.json

Each series by itself and without its labels: every way judges the same windows, those of Latently, and a share of them,
the oddest, is flagged. Flagged windows that overlap are one alarm; one that touches a stretch that the benchmark labels
finds it, any other is false. `latently.anomalies` is also asked as people ask it: at a rate of false alarms that is
kept by held-out windows, and for ranges of time. The z-score is a step's distance from the mean of the window before
it, in its standard deviations; a window's is that of its oddest step.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

import latently

from ..data import DATA
from ..peers import python
from ..record import Run, options
from .pyod_windows import MODULES
from .training import few

NAB = DATA / "nab"
WINDOW, STEP = 48, 4
RATES = (0.005, 0.01, 0.02)
SHORT: dict[str, Any] = {"latent": 4, "mask": 0.3}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "DenoisingAE, latent 4, mask .3": ("denoising", SHORT),
    "VAE": ("vae", {}),
    "AE": ("ae", {}),
}
CONV = f"reshape{WINDOW}x2x1 conv16:k4:s2 silu conv32:k4:s2 silu flatten dense128 silu"  # a value and a flag a step
NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {  # of which the first is the default
    "two dense layers of 128": ("denoising", SHORT),
    "two convolutions": ("denoising", {**SHORT, "encoder": CONV}),
    "a recurrent layer of 16": ("denoising", {**SHORT, "encoder": "gru16 flatten dense128 silu"}),
}

Array = NDArray[Any]
Spans = list[tuple[np.datetime64, np.datetime64]]


def series(quick: bool) -> Iterator[tuple[str, Any, Spans]]:
    """Name, windows, and the labelled stretches of each series."""
    labels = json.loads((NAB / "combined_windows.json").read_text())
    for path in sorted(NAB.glob("*/*.csv"))[: 2 if quick else None]:
        spans = [(np.datetime64(a), np.datetime64(b)) for a, b in labels[str(path.relative_to(NAB))]]
        source = latently.open(path, time="timestamp", window=WINDOW, step=STEP)
        yield path.stem, source, [s for s in spans if seen(source, *s)]


def seen(source: Any, first: np.datetime64, last: np.datetime64) -> bool:
    """Whether any window has a step of that stretch."""
    times = source.steps.times
    return bool(((times >= first) & (times <= last) & (source.cover() > 0)).any())


def z_scores(source: Any) -> Array:
    """Of each window: the distance of its oddest step from the mean of the window of steps before it."""
    values = source.steps.values[:, 0]
    before = sliding_window_view(values, WINDOW)[:-1]
    away = np.abs(values[WINDOW:] - before.mean(1)) / np.maximum(before.std(1), 1e-6 * (1 + np.abs(values).max()))
    z = np.concatenate([np.zeros(WINDOW), away])
    return sliding_window_view(z, WINDOW)[source.starts].max(1)


def runs(source: Any, flagged: Array) -> list[tuple[np.datetime64, np.datetime64]]:
    """The first and last time of each stretch that flagged windows cover without a break."""
    alarms: list[tuple[int, int]] = []
    for start in source.starts[flagged].tolist():
        joined = alarms and start <= alarms[-1][1] + 1
        alarms[-1:] = [(alarms[-1][0], start + WINDOW - 1)] if joined else [*alarms[-1:], (start, start + WINDOW - 1)]
    times = source.steps.times
    return [(times[a], times[b]) for a, b in alarms]


def judged(alarms: list[Any], spans: Spans) -> dict[str, int]:
    """Labelled stretches found, and alarms that touch none."""
    touch = [[a <= last and b >= first for first, last in spans] for a, b in alarms]
    return {"found": int(np.any(touch, 0).sum()) if touch and spans else 0, "false": sum(not any(one) for one in touch)}


def flagged(scores: Array, rate: float) -> Array:
    """The share of windows that is oddest; of equal ones the first."""
    chosen = np.zeros(len(scores), bool)
    chosen[np.argsort(-scores, kind="stable")[: max(1, round(rate * len(scores)))]] = True
    return chosen


def total(each: Mapping[str, dict[str, int]], labelled: int) -> dict[str, Any]:
    """Over all series."""
    found, false = (sum(one[key] for one in each.values()) for key in ("found", "false"))
    return {
        "found": found,
        "of": labelled,
        "false": false,
        "false alarms a series": round(false / len(each), 2),
        "each": each,
    }


def ours(models: Any, given: Any, run: Run, known: list[Any], labelled: int) -> dict[str, dict[str, Array]]:
    scores: dict[str, dict[str, Array]] = {}
    for name, (kind, settings) in models.items():
        scores[name], asked, started, alarms = {}, {}, time.perf_counter(), list[float]()
        for place, source, spans in known:
            model = latently.make(kind, **few(given.quick, seed=given.seed, **settings)).fit(source)
            scores[name][place] = -model.score_samples(source)
            least = 1 / (1 + len(model.calibration_))
            found = latently.anomalies(model, source, rate=max(given.rate, least), explained=0)
            ranges = found.ranges()
            asked[place] = judged(list(zip(ranges["start"].to_numpy(), ranges["end"].to_numpy(), strict=True)), spans)
            alarms.append(float(found.flagged[outside(source, spans)].mean()))
        run.found(
            **{
                f"{name}: seconds to fit and judge": round(time.perf_counter() - started),
                f"{name}: latently.anomalies at rate {given.rate:g}": total(asked, labelled)
                | {"share flagged of windows outside labels": round(float(np.mean(alarms)), 4)},
            }
        )
    return scores


def outside(source: Any, spans: Spans) -> Array:
    """Whether no step of a window is in a labelled stretch."""
    times = source.steps.times
    inside = (
        np.any([(times >= first) & (times <= last) for first, last in spans], 0)
        if spans
        else np.zeros(len(times), bool)
    )
    return ~sliding_window_view(inside, WINDOW)[source.starts].any(1)


def peers(given: Any, known: list[Any]) -> tuple[dict[str, dict[str, Array]], dict[str, Any]]:
    there = python("pyod")
    if there is None:
        return {}, {}
    names = ["HBOS", "IForest"] if given.quick else [*MODULES]
    with tempfile.TemporaryDirectory() as folder:
        for place, source, _ in known:
            x = source.data[:, :, 0]
            np.save(Path(folder, f"{place}.npy"), (x - x.mean()) / (x.std() or 1.0))
        subprocess.run(
            [there, Path(__file__).with_name("pyod_windows.py"), folder, str(given.seed), *names], check=True
        )
        about = json.loads(Path(folder, "about.json").read_text())
        read = {n: {p: np.load(Path(folder, "scores", f"{p}-{n}.npy")) for p, _, _ in known} for n in names}
    return {f"PyOD {name}": found for name, found in read.items()}, about


def main() -> None:
    given = options(
        __doc__, rate={"type": float, "default": 0.01}, networks={"action": "store_true", "help": "compare networks"}
    )
    torch.set_num_threads(given.threads)
    known = [*series(given.quick)]
    labelled = sum(len(spans) for _, _, spans in known)
    models = NETWORKS if given.networks else MODELS
    run = Run(
        "quality-nab-networks" if given.networks else "quality-nab",
        given,
        models={name: settings for name, (_, settings) in models.items()},
        data=f"{len(known)} series, {sum(len(s) for _, s, _ in known)} windows of {WINDOW} steps, every {STEP}; "
        f"{labelled} labelled stretches",
    )
    theirs, about = ({}, {}) if given.networks else peers(given, known)
    scores = {"rolling z-score": {place: z_scores(source) for place, source, _ in known}, **theirs}
    scores |= ours(models, given, run, known, labelled)
    for rate in RATES:
        for name, of in scores.items():
            each = {place: judged(runs(source, flagged(of[place], rate)), spans) for place, source, spans in known}
            run.found(**{f"{name}: the oddest {rate:.1%} of windows": total(each, labelled)})
    run.finish(**({"PyOD": about} if about else {}))


if __name__ == "__main__":
    main()
