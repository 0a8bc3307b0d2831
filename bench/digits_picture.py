"""The picture at the top of the README: unseen digits, the same restored from 16 numbers each, and new ones.

python -m bench.digits_picture
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import latently
from latently.explore import picture_grid

from .data import DATA

COLUMNS = 20


def main() -> None:
    model = latently.VAE(latent=16, epochs=15, beta=0.5, verbose=True).fit(DATA / "mnist")
    unseen = latently.open(DATA / "mnist" / "t10k-images-idx3-ubyte.gz").data[:COLUMNS]
    rows = [unseen, model.reconstruct(unseen), model.sample(COLUMNS, seed=0)]
    grid = picture_grid(np.concatenate(rows), columns=COLUMNS)
    target = Path(__file__).parent.parent / "docs" / "digits.png"
    grid.save(target, optimize=True)
    print(f"-> {target.name}, {target.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
