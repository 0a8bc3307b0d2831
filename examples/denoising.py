"""Photographs cleaned of heavy noise: by a plain network, by a U-Net that says what to change, by nearest patches.

The plain network presses each tile of 63 x 63 into a code, which noise cannot pass, nor can detail. The U-Net hands the
picture past its code and says what to take away from it; it cleans whole photographs, of any size, in tiles.
"""

import time
from pathlib import Path

import numpy as np
from _common import asked, headline, look, save, table
from PIL import Image
from sklearn.datasets import load_sample_images
from sklearn.neighbors import NearestNeighbors

import latently

NOISE = 0.3
PLAIN = {
    "latent": 1024,
    "encoder": "conv16:k3:s3:valid elu conv8:k3:valid elu flatten dense1024 elu",
    "decoder": "dense2888 elu reshape19x19x8 convt16:k3:valid elu convt3:k3:s3:valid",
    "augment": "rotate360 zoom0.1 shear0.1 shift0.1 hflip vflip",
}
UNET = {
    "encoder": "denoiser",
    "likelihood": "logmse",
    "augment": "turns hflip channels",
    "batch_size": 8,
    "lr": 2e-3,
    "optimizer": "nimble",
    "schedule": "warm",
}
SPOILED = {"noise": NOISE, "clipped": True, "validation": 0.0}


def main() -> None:
    args = asked("Photographs with noise added, and what denoisers make of them.", data="a folder of photographs")
    photos = pictures(args.data) if args.data else load_sample_images().images
    seen = [photo[:, : photo.shape[1] * 2 // 3] for photo in photos]  # two thirds to learn from, the rest unseen
    unseen = [photo[:, photo.shape[1] * 2 // 3 :] for photo in photos]
    some = latently.tiles(unseen, 63, n=40 if args.full else 8, seed=1)
    noise = np.random.default_rng(0).normal(0, 255 * NOISE, some.shape)
    noisy = np.clip(some + noise, 0, 255).astype(np.uint8)

    plain = latently.DenoisingAE(**PLAIN, **SPOILED, epochs=100 if args.full else 25)
    plain.fit(latently.tiles(seen, 63, n=4000 if args.full else 200))
    unet = latently.DenoisingAE(**UNET, **SPOILED, epochs=30 if args.full else 4)
    unet.fit(latently.tiles(seen, 64 if args.full else 32, n=2000 if args.full else 300))

    ways = {
        "noisy": lambda: noisy,
        "nearest patches": lambda: nearest(noisy, seen, 40_000 if args.full else 4000),
        "plain network": lambda: plain.reconstruct(noisy),
        "U-Net": lambda: unet.denoise(noisy, noise=NOISE),
    }
    made, rows = {"original": some}, []
    sizes = {"plain network": plain, "U-Net": unet}
    for name, clean in ways.items():
        started = time.perf_counter()
        made[name] = clean()
        spent = 1000 * (time.perf_counter() - started) / len(some)
        size = latently.anatomy(sizes[name]).parameters if name in sizes else 0
        rows.append((name, size, f"{spent:.1f}", psnr(some, made[name])))
    table(("way", "parameters", "ms a picture", "PSNR, dB"), rows)
    save(args, "tiles", grid("Unseen pieces of photographs, noise of .3 added, and cleaned", made))

    photo = unseen[0]
    spoiled = np.clip(photo + np.random.default_rng(1).normal(0, 255 * NOISE, photo.shape), 0, 255).astype(np.uint8)
    whole = {"noisy": spoiled, "cleaned": unet.denoise(spoiled, noise=NOISE), "original": photo}
    save(args, "whole", beside(f"A whole photograph of {photo.shape[0]} x {photo.shape[1]}", whole))


def pictures(folder: str) -> list[np.ndarray]:
    """The photographs of a folder, each at its own size."""
    return [np.asarray(Image.open(path).convert("RGB")) for path in sorted(Path(folder).iterdir())]


def psnr(clean: np.ndarray, found: np.ndarray) -> float:
    """The mean peak signal-to-noise ratio of pictures (n, H, W, C) of bytes, decibels."""
    off = np.square(found / 255 - clean / 255).reshape(len(clean), -1).mean(1)
    return float(np.mean(-10 * np.log10(off)))


def nearest(noisy: np.ndarray, photos: list[np.ndarray], n: int, side: int = 7, k: int = 20) -> np.ndarray:
    """Each patch becomes the mean of the k clean ones nearest to it; patches overlap, and what they say is averaged."""
    known = latently.tiles(photos, side, n=n).reshape(n, -1).astype(np.float32)
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(known)
    whole, counts = np.zeros(noisy.shape), np.zeros(noisy.shape)
    for row in range(0, noisy.shape[1] - side + 1, 2):
        for column in range(0, noisy.shape[2] - side + 1, 2):
            here = (slice(None), slice(row, row + side), slice(column, column + side))
            patches = noisy[here].reshape(len(noisy), -1).astype(np.float32)
            whole[here] += known[search.kneighbors(patches, return_distance=False)].mean(1).reshape(-1, side, side, 3)
            counts[here] += 1
    return (whole / counts).round().astype(np.uint8)


def grid(title: str, rows: dict[str, np.ndarray]) -> object:
    """Rows of colour pictures with their names at the left."""
    across = min(8, len(rows["original"]))
    figure = look.blank(1.4 + 0.95 * across, 0.5 + 0.95 * len(rows))
    headline(figure, title)
    for line, (name, pictures) in zip(figure.subplots(len(rows), across, squeeze=False), rows.items(), strict=True):
        for axes, picture in zip(line, pictures, strict=False):
            axes.imshow(picture)
            axes.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=8)
    return look.dress(figure)


def beside(title: str, pictures: dict[str, np.ndarray]) -> object:
    """A few pictures in a row, each under its name."""
    figure = look.blank(10, 8.5 * next(iter(pictures.values())).shape[0] / (3 * next(iter(pictures.values())).shape[1]))
    headline(figure, title)
    for axes, (name, picture) in zip(figure.subplots(1, len(pictures)), pictures.items(), strict=True):
        axes.imshow(picture)
        axes.set(xticks=[], yticks=[])
        axes.set_title(name, fontsize=10, color=look.INK, loc="left")
    return look.dress(figure)


if __name__ == "__main__":
    main()
