"""Photographs cleaned of noise: peak signal-to-noise ratio on photographs that were not trained on.

python -m bench.quality.photos [--quick] [--network unet|plain] [--epochs 24] [--minutes 5] [--folder DIR]
python -m bench.peers denoisers; python -m bench.quality.photos --compare [--folder DIR]

Trains on the photographs 1 to 20, half and quarter size, and cleans the 63 x 63 middles of the 40 tiles of 21 to 24,
with N(0, .3^2) added to values of 0 to 1, one draw by the seed, not clipped; what comes back is clipped before it is
compared. `unet` is `encoder="denoiser"`, `plain` the network of row 7 of the systems. A training is a run that goes on
where it stopped: `--minutes` ends this stretch after so many and the next call goes on, so that others may measure in
between; the seconds on the clock and of the processor are kept over all stretches. `--compare` then measures all
networks that were trained beside BM3D, non-local means, total variation, wavelets and the means of nearest patches, in
one go on the same noisy pictures. All are told the noise's standard deviation.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

import latently
from latently.explore import picture_grid

from .. import peers
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


def flipped(model: latently.Latent, given: np.ndarray) -> np.ndarray:
    """The mean over eight flips and turns, each cleaned and turned back: eight passes."""
    found = []
    for k in range(8):
        turned = np.rot90(given[:, :, ::-1] if k > 3 else given, k, (1, 2))
        back = np.rot90(cleaned(model, np.ascontiguousarray(turned)), -k, (1, 2))
        found.append(back[:, :, ::-1] if k > 3 else back)
    return np.mean(found, 0)


def neighbours(given: np.ndarray, photos: list[np.ndarray], seed: int, side: int = 7, k: int = 20) -> np.ndarray:
    """k-nearest-neighbour denoising: each patch is the mean of the k clean ones nearest to it, patches overlapping.

    40,000 patches of the training photographs, and every second place of a picture along both sides.
    """
    clean = latently.tiles(photos, side, n=40_000, seed=seed).reshape(40_000, -1).astype(np.float32) / 255
    known, square = torch.from_numpy(clean), torch.from_numpy(np.square(clean).sum(1))
    whole, counts = np.zeros_like(given), np.zeros_like(given)
    places = [(r, c) for r in range(0, given.shape[1] - side + 1, 2) for c in range(0, given.shape[2] - side + 1, 2)]
    for i, picture in enumerate(given):
        patches = np.stack([picture[r : r + side, c : c + side].ravel() for r, c in places]).astype(np.float32)
        nearest = (square - 2 * torch.from_numpy(patches) @ known.T).topk(k, largest=False).indices
        means = known[nearest].mean(1).numpy().reshape(-1, side, side, 3)
        for (r, c), mean in zip(places, means, strict=True):
            whole[i, r : r + side, c : c + side] += mean
            counts[i, r : r + side, c : c + side] += 1
    return whole / counts


def timed(use: Callable[[], np.ndarray], count: int, repeats: int = 3) -> tuple[np.ndarray, float]:
    """What is made, and milliseconds for each of so many pictures: the median of a few times."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        found = use()
        times.append(time.perf_counter() - started)
    return found, round(1000 * float(np.median(times)) / count, 3)


def compared(given: Any) -> None:
    """All denoisers on the same noisy pictures in one go, and a picture of some."""
    clean = photo_crops(range(21, 25))[: 2 if given.quick else None]
    spoiled = noisy(clean, given.seed)
    rows: dict[str, dict[str, Any]] = {}
    made: dict[str, np.ndarray] = {}
    for network in NETWORKS:
        run = latently.Run(given.folder / network)
        if not run.model_file.exists():
            continue
        model: Any = run.load()
        made[network], each = timed(lambda model=model: cleaned(model, spoiled), len(clean))
        _, alone = timed(lambda model=model: cleaned(model, spoiled[:1]), 1, 9)  # as BM3D has them
        made[f"{network}, 8 flips"], flips = timed(lambda model=model: flipped(model, spoiled), len(clean), 1)
        rows[network] = {"ms an image, 40 together": each, "ms an image, alone": alone, **known(run, model)}
        rows[f"{network}, 8 flips"] = {"ms an image, 40 together": flips}
    found, each = timed(lambda: neighbours(spoiled, photographs(range(1, 21)), given.seed), len(clean), 1)
    made["nearest neighbours"], rows["nearest neighbours"] = found, {"ms an image, 40 together": each}
    about: dict[str, Any] = {}
    if peers.python("denoisers"):
        about = theirs(clean, spoiled, made, 2 if given.quick else None)
        for name, row in about["rows"].items():
            rows[name] = {**row, **rows.get(name, {})}
    for name, found in made.items():
        rows[name] = {"PSNR, dB": round(psnr(clean, found), 3), **rows[name]}
    rows = {name: {**row, "versions of peers": about.get("versions")} for name, row in rows.items()}
    keep_rows("quality-photos", rows, "torch", quick=given.quick)
    for name, row in rows.items():
        print(name, {k: v for k, v in row.items() if k not in ("settings", "versions of peers")})
    shown = [i for i in (0, 9, 12, 21, 24, 33) if i < len(clean)]
    columns = [clean / 255.0, spoiled, *made.values()]
    strips = np.concatenate([np.clip(column, 0, 1)[shown] for column in columns])
    target = HERE / "results" / ("quick" if given.quick else "") / "quality-photos.webp"
    picture_grid((255 * strips).round().astype(np.uint8), columns=len(shown)).save(target, quality=85)
    print(f"-> {target.relative_to(HERE.parent)}: clean, noisy, {', '.join(made)}")


def known(run: latently.Run, model: Any) -> dict[str, Any]:
    """How a network was trained."""
    stretches = json.loads((run.path / "stretches.json").read_text())
    return {
        "parameters": parameters(model.module_),
        "seconds": round(sum(clock for clock, _ in stretches)),
        "processor seconds": round(sum(processor for _, processor in stretches)),
        "epochs": len(model.history_),
        "steps": len(model.history_) * -(-TILES // model.batch_size),
        "computed": model.history_[0]["compute"],
        "settings": {**NETWORKS[run.path.name][1], "noise": SIGMA, "tiles": TILES, "shrink": SHRINK},
    }


def theirs(clean: np.ndarray, spoiled: np.ndarray, made: dict[str, np.ndarray], few: int | None) -> dict[str, Any]:
    """What the peers make of it, and the SSIM of all."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "others").mkdir()
        np.save(folder / "clean.npy", clean / 255.0)
        np.save(folder / "noisy.npy", spoiled)
        for name, found in made.items():
            np.save(folder / "others" / f"{name}.npy", found)
        script = HERE / "quality" / "photos_peers.py"
        command = [str(peers.python("denoisers")), str(script), place, str(SIGMA), *([str(few)] if few else [])]
        subprocess.run(command, check=True)
        return json.loads((folder / "about.json").read_text())


def main() -> None:
    given = options(
        __doc__,
        network={"choices": sorted(NETWORKS), "default": "unet"},
        epochs={"type": int, "default": 24},
        minutes={"type": float, "default": 1e9},
        compare={"action": "store_true", "help": "do not train: all that were trained, beside the peers"},
        folder={"type": Path, "default": HERE.parent / "runs" / "photos"},
    )
    torch.set_num_threads(given.threads)
    if given.compare:
        compared(given)
        return
    side, settings = NETWORKS[given.network]
    training = few(given.quick, epochs=given.epochs)
    model = latently.DenoisingAE(noise=SIGMA, validation=0.0, seed=given.seed, **settings, **training)
    X = latently.tiles(photographs(range(1, 21)), side, n=40 if given.quick else TILES, shrink=SHRINK, seed=given.seed)
    run = latently.Run(given.folder / given.network)
    events = run.resume(X, epochs=given.epochs) if run.checkpoint_file.exists() else run.fit(model, X)
    started, spent = time.monotonic(), time.process_time()
    for event in events:
        print(f"epoch {event['epoch']}: {event['train']['loss']:.0f} in {event['seconds']:.0f} s", flush=True)
        if time.monotonic() - started > 60 * given.minutes:
            break
    book = run.path / "stretches.json"
    stretches = [*(json.loads(book.read_text()) if book.exists() else [])]
    book.write_text(json.dumps([*stretches, [time.monotonic() - started, time.process_time() - spent]]))


if __name__ == "__main__":
    main()
