"""Fashion-MNIST's dresses: the one that stands for all, and 1,000 variations of it that stay dresses.

python -m bench.quality.dress [--quick] [--epochs 30]

The network is that of row 5 of the systems with a code of 100 (encoder 924,180, decoder 933,281 parameters), trained on
the 6,000 dresses of the training part alone. The mean of their codes is decoded: the ideal member. Its variations are
decoded from

    z = mean + s L e,    L L' = the covariance of the dresses' codes,  e drawn from N(0, I),

with s = .7, nearer to the mean than dresses themselves are; s = .5 and 1 are printed beside it. A classifier of all ten
classes, trained on the real pictures, says whether they are dresses. The picture has the ideal member, the variations
and, for comparison, real dresses.
"""

from __future__ import annotations

import numpy as np
import torch

import latently
from latently.autoencoder import Autoencoder
from latently.explore import picture_grid

from ..data import idx
from ..record import HERE, Run, options
from .classifier import classifier
from .training import descend, few, mean, parameters, per_item

NETWORKS = {
    "latent": 100,
    "encoder": "conv16:k3:valid elu conv16:k3:valid elu flatten dense100 elu",
    "decoder": "dense9216 elu reshape24x24x16 convt16:k3:valid elu convt1:k3:valid elu",
    "likelihood": "normal",
}
DRESS = 3
SPREADS = (0.5, 0.7, 1.0)
CHOSEN = 0.7


def apart(X: np.ndarray) -> float:
    """The mean Euclidean distance between two of the pictures (n, 28, 28), grey values in [0, 1]."""
    rows = torch.from_numpy(X.reshape(len(X), -1) / 255.0)
    return float(torch.pdist(rows).mean())


def main() -> None:
    given = options(__doc__, epochs={"type": int, "default": 30}, variations={"type": int, "default": 1000})
    torch.set_num_threads(given.threads)
    training = few(
        given.quick, epochs=given.epochs, batch_size=64, lr=1e-3, schedule="linear", validation=0.0, seed=given.seed
    )
    run = Run("quality-dress", given, **NETWORKS, **training, spread=CHOSEN)
    (X, y), (T, t) = (idx(part, folder="fashion-mnist", quick=given.quick) for part in ("train", "t10k"))
    dresses, unseen = X[y == DRESS], T[t == DRESS]
    judge, accuracy = classifier("fashion-mnist", seed=given.seed, epochs=1 if given.quick else 4, quick=given.quick)
    known = {"classifier: accuracy on the test pictures": accuracy}
    known |= {"classifier: share of test dresses called dresses": float((judge.labels(unseen) == DRESS).mean())}
    run.found(**{name: round(value, 4) for name, value in known.items()})
    model = latently.AE(**NETWORKS, **training)

    def measured(module: Autoencoder, epoch: int) -> None:
        lost = mean(lambda x: (module.restore(x) - x).square().flatten(1).mean(1), unseen)
        run.found(epochs=epoch, **{"test dresses: mean squared error": round(lost, 5)})

    module = descend(model.begin(dresses), measured, every=10)
    found: dict[str, float | int] = {f"parameters, {p}": parameters(getattr(module, p)) for p in ("encoder", "decoder")}
    codes = per_item(lambda x: module.encode(x).mean, dresses).astype(np.float64)
    centre, root = codes.mean(0), np.linalg.cholesky(np.cov(codes.T) + 1e-9 * np.eye(codes.shape[1]))
    noise = np.random.default_rng(given.seed).standard_normal((given.variations, len(centre)))

    def decoded(z: np.ndarray) -> np.ndarray:
        pictures = per_item(module.decode, z.astype(np.float32))[:, 0]
        return (255 * pictures.clip(0, 1)).round().astype(np.uint8)

    ideal = decoded(centre[None])
    found["the mean code's picture: called a dress"] = int(judge.labels(ideal)[0] == DRESS)
    found["real test dresses: mean distance between two"] = round(apart(unseen), 3)
    made = {s: decoded(centre + s * noise @ root.T) for s in SPREADS}
    for s, pictures in made.items():
        found[f"variations, s = {s}: share called dresses"] = round(float((judge.labels(pictures) == DRESS).mean()), 4)
        found[f"variations, s = {s}: mean distance between two"] = round(apart(pictures), 3)
    run.finish(**found)
    grid = picture_grid(np.concatenate((ideal, made[CHOSEN][:39], unseen[:20])), columns=20)
    target = HERE / "results" / ("quick" if given.quick else "") / "quality-dress.png"
    grid.save(target, optimize=True)
    print(f"-> {target.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
