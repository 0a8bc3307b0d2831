"""Whether half precision is as good: test losses of float32 and bf16 after equal epochs from equal weights.

python -m bench.precision

On a processor without bf16 of its own the numbers are rounded all the same; only the time says nothing then.
"""

from __future__ import annotations

import argparse

import numpy as np

import latently

from .data import idx
from .record import keep

NETWORKS = {
    "pooling (row 8)": {
        "encoder": "conv16 relu pool2 conv8 relu pool2 conv4 relu pool2",
        "decoder": "conv4 relu up2 conv8 relu up2 conv16:valid relu up2 conv1 sigmoid",
        "likelihood": "bernoulli",
    },
    "convolutional (row 5)": {
        "encoder": "conv16:valid elu conv16:valid elu flatten dense64 elu",
        "decoder": "dense9216 elu reshape24x24x16 convt16:valid elu convt1:valid elu",
        "likelihood": "bernoulli",
        "latent": 64,
    },
}


def loss(precision: str, seed: int, items: np.ndarray, test: np.ndarray, **network: object) -> float:
    """Test cross-entropy a pixel, evaluated in float32."""
    settings = {"epochs": 3, "batch_size": 128, "validation": 0, "seed": seed, "precision": precision}
    return -latently.make("ae", **settings, **network).fit(items).score(test) / 784


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few items and one seed: only to see that it runs")
    quick = parser.parse_args().quick
    items, test = idx("train", quick=quick)[0][:6000], idx("t10k", quick=quick)[0][:2000]
    found = dict[str, float]()
    for name, network in NETWORKS.items():
        for precision in ("float32", "bf16"):
            losses = [loss(precision, seed, items, test, **network) for seed in range(1 if quick else 3)]
            found[f"{name}, {precision}: test BCE a pixel"] = round(float(np.mean(losses)), 5)
    keep("precision", found, "torch", quick=quick)


if __name__ == "__main__":
    main()
