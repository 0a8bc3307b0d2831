"""What `latently fit --model anomaly-detector` does: one file, and how to use it."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import Any

import latently

from .speech import columns, show


def detected(path: Path, detector: Any, data: str, asked: dict[str, Any], as_json: bool) -> None:
    """Fits `detector` to the data, opened as `asked`, and keeps it in the folder `path`."""
    latently.Run(path).check_free()
    started = time.monotonic()
    source = latently.open(data, memory=detector.memory, **asked)
    detector.set_params(verbose=True).fit(source).set_params(verbose=False)
    result = {
        "model": detector.name,
        "items": len(source),
        "calibrated_by": len(detector.calibration_),
        "least_rate": detector.least_rate_,
        "seconds": round(time.monotonic() - started, 3),
        "model_file": str(detector.save(path / "model.safetensors")),
    }
    show(as_json, result, _page(result, str(path), data))


def _page(result: dict[str, Any], path: str, data: str) -> str:
    least = result["least_rate"]
    head = (
        f"Fitted {result['model']} to {result['items']:,} items in {result['seconds']:.1f} s; rates of false alarms "
        f"from {least:g} on can be kept."
    )
    where = columns([(result["model_file"], "the detector")])
    command = f"latently anomalies {shlex.quote(path)} {shlex.quote(data)} --rate {max(0.01, least):g}"
    return f"{head}\n\n{where}\n\nTry next:\n{columns([(command, 'which items are odd, and why')])}"
