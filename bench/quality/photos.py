"""Photographs cleaned of noise: peak signal-to-noise ratio on photographs that were not trained on.

python -m bench.quality.photos [--quick] [--network unet|plain] [--epochs 36] [--minutes 5] [--folder DIR]

Trains on the photographs 1 to 20, half and quarter size, and cleans the 63 x 63 middles of the 40 tiles of 21 to 24,
with N(0, .3^2) added to values of 0 to 1, one draw by the seed, not clipped; what comes back is clipped before it is
compared. `unet` is `encoder="denoiser"`, `plain` the network of row 7 of the systems. A training is a run that goes on
where it stopped: `--minutes` ends this stretch after so many and the next call goes on, so that others may measure in
between. Kept are the seconds on the clock and of the processor over all stretches.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

import latently

from ..data import photo_crops, photographs
from ..record import HERE, keep_rows, options
from .training import few, parameters

SIGMA = 0.3
UNET = {
    "encoder": "denoiser",
    "likelihood": "logmse",
    "augment": "turns hflip channels",
    "batch_size": 8,
    "lr": 2e-3,
    "optimizer": "nimble",
    "schedule": "warm",
}
PLAIN = {
    "latent": 1024,
    "encoder": "conv16:k3:s3:valid elu conv8:k3:valid elu flatten dense1024 elu",
    "decoder": "dense2888 elu reshape19x19x8 convt16:k3:valid elu convt3:k3:s3:valid",
    "likelihood": "normal",
    "augment": "rotate360 zoom0.1 shear0.1 shift0.1 hflip vflip",
    "batch_size": 16,
    "lr": 1e-3,
    "schedule": "cosine",
}
NETWORKS: dict[str, tuple[int, dict[str, Any]]] = {"unet": (64, UNET), "plain": (63, PLAIN)}
TILES, SHRINK = 2000, 0.7


def noisy(clean: np.ndarray, seed: int = 0) -> np.ndarray:
    """Pictures of bytes as numbers of 0 to 1 with noise, which may lie beyond."""
    drawn = np.random.default_rng(seed).standard_normal(clean.shape, dtype=np.float32)
    return clean / np.float32(255) + np.float32(SIGMA) * drawn


def psnr(clean: np.ndarray, found: np.ndarray) -> float:
    """The mean over the pictures (n, H, W, 3), decibels; `found` is of 0 to 1 and clipped to it."""
    off = np.square(np.clip(found, 0, 1) - clean / 255.0).reshape(len(clean), -1).mean(1)
    return float((-10 * np.log10(off)).mean())


def cleaned(model: latently.Latent, given: np.ndarray) -> np.ndarray:
    """Pictures (n, H, W, 3) of 0 to 1 as numbers of 0 to 1; the model was fitted to bytes."""
    return model.denoise(given * np.float32(255), noise=SIGMA) / 255


def measured(model: latently.Latent) -> dict[str, float]:
    clean = photo_crops(range(21, 25))
    spoiled = noisy(clean)
    times = []
    for _ in range(3):
        started = time.perf_counter()
        found = cleaned(model, spoiled)
        times.append(time.perf_counter() - started)
    return {
        "noisy, dB": round(psnr(clean, spoiled), 3),
        "PSNR, dB": round(psnr(clean, found), 3),
        "ms an image": round(1000 * min(times) / len(clean), 2),
    }


def main() -> None:
    given = options(
        __doc__,
        network={"choices": sorted(NETWORKS), "default": "unet"},
        epochs={"type": int, "default": 36},
        minutes={"type": float, "default": 1e9},
        folder={"type": Path, "default": HERE / "results" / "runs" / "photos"},
    )
    torch.set_num_threads(given.threads)
    side, settings = NETWORKS[given.network]
    training = few(given.quick, epochs=given.epochs)
    model = latently.DenoisingAE(noise=SIGMA, validation=0.0, seed=given.seed, **settings, **training)
    X = latently.tiles(photographs(range(1, 21)), side, n=40 if given.quick else TILES, shrink=SHRINK, seed=given.seed)
    run = latently.Run(given.folder)
    events = run.resume(X) if run.checkpoint_file.exists() else run.fit(model, X)
    started, spent = time.monotonic(), time.process_time()
    for event in events:
        print(f"epoch {event['epoch']}: {event['train']['loss']:.0f} in {event['seconds']:.0f} s", flush=True)
        if time.monotonic() - started > 60 * given.minutes:
            break
    stretch = [time.monotonic() - started, time.process_time() - spent]
    book = given.folder / "stretches.json"
    stretches = [*(json.loads(book.read_text()) if book.exists() else []), stretch]
    book.write_text(json.dumps(stretches))
    if not run.model_file.exists():
        return
    trained = run.load()
    history = trained.history_
    row = {
        "parameters": parameters(trained.module_),
        "seconds": round(sum(clock for clock, _ in stretches)),
        "processor seconds": round(sum(processor for _, processor in stretches)),
        "epochs": len(history),
        "steps": len(history) * -(-len(X) // trained.batch_size),
        "computed": history[0]["compute"],
        "settings": {**settings, "noise": SIGMA, "tiles": len(X), "shrink": SHRINK, "seed": given.seed},
        **measured(trained),
    }
    keep_rows("quality-photos", {given.network: row}, "torch", quick=given.quick)
    print(json.dumps(row, indent=2))


if __name__ == "__main__":
    main()
