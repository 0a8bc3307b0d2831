"""Classical denoisers, for `photos`; runs in an environment of its own, which has them and not Latently.

python bench/quality/photos_peers.py FOLDER SIGMA [FEW]

Reads FOLDER/clean.npy and FOLDER/noisy.npy, (n, H, W, 3) of 0 to 1, the noise beyond it where it is; writes
FOLDER/about.json: for each denoiser, and for each OTHER in FOLDER/others/OTHER.npy, the mean PSNR and SSIM of what it
makes, clipped to 0 to 1, and milliseconds an image. Each is told the noise's standard deviation. Total variation and
non-local means have scikit-image's settings for a known sigma; weights beside them are those of its examples.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import bm3d
import numpy as np
from skimage import restoration
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

Denoiser = Callable[[np.ndarray, float], np.ndarray]
PATCHES = {"patch_size": 5, "patch_distance": 6, "channel_axis": -1}
DENOISERS: dict[str, Denoiser] = {
    "noisy": lambda x, sigma: x,
    "wavelet (BayesShrink)": lambda x, sigma: restoration.denoise_wavelet(
        x, sigma=sigma, channel_axis=-1, convert2ycbcr=True, method="BayesShrink", rescale_sigma=True
    ),
    "total variation": lambda x, sigma: restoration.denoise_tv_chambolle(x, weight=sigma, channel_axis=-1),
    "non-local means": lambda x, sigma: restoration.denoise_nl_means(
        x, h=0.6 * sigma, sigma=sigma, fast_mode=False, **PATCHES
    ),
    "BM3D": lambda x, sigma: bm3d.bm3d_rgb(x, sigma),
}


def scored(clean: np.ndarray, found: np.ndarray) -> dict[str, float]:
    found = np.clip(found, 0, 1)
    pairs = list(zip(clean, found, strict=True))
    psnr = [peak_signal_noise_ratio(a, b, data_range=1) for a, b in pairs]
    ssim = [structural_similarity(a, b, data_range=1, channel_axis=-1) for a, b in pairs]
    return {"PSNR, dB": round(float(np.mean(psnr)), 3), "SSIM": round(float(np.mean(ssim)), 4)}


def main(folder: Path, sigma: float, few: int | None) -> None:
    clean, noisy = (np.load(folder / f"{name}.npy").astype(np.float64)[:few] for name in ("clean", "noisy"))
    rows: dict[str, dict[str, float]] = {}
    for name, denoise in DENOISERS.items():
        found, times = [], []
        for picture in noisy:
            started = time.perf_counter()
            found.append(denoise(picture, sigma))
            times.append(time.perf_counter() - started)
        rows[name] = {**scored(clean, np.stack(found)), "ms an image": round(1000 * float(np.median(times)), 2)}
        print(name, rows[name], flush=True)
    for path in sorted((folder / "others").glob("*.npy")):
        rows[path.stem] = scored(clean, np.load(path).astype(np.float64)[:few])
    packages = ("bm3d", "scikit-image", "PyWavelets")
    (folder / "about.json").write_text(json.dumps({"rows": rows, "versions": {n: version(n) for n in packages}}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
