"""The Frechet distance of 10,000 drawn digits from the 10,000 test digits: ours beside pythae's VAE and RAE-L2.

python -m bench.quality.frechet [--quick] [--epochs 10] [--peers PYTHON]

PYTHON is that of an environment with pythae; by default what `python -m bench.peers pythae` made.

All models have the networks 784-512-16-512-784 (relu, a sigmoid at the end), the same 60,000 digits, epochs, batches of
128 and Adam at 1e-3. pythae's draw from N(0, I) and from its mixture of ten normals; its VAE is trained by
cross-entropy, for its default, half the squared error, blurs more. The space is the last hidden layer, 64 numbers, of a
classifier trained on the real training digits by a fixed seed.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

import latently
from latently import prior
from latently.data.packed import as_float
from latently.explore.metrics.sets import frechet

from ..data import idx
from ..peers import python
from ..record import Run, options
from .classifier import classifier

NETWORKS = {"latent": 16, "encoder": "dense512 relu", "decoder": "dense512 relu dense784 sigmoid"}
OURS = {"VAE": latently.VAE, "RAE": latently.RAE}
PRIORS = ("standard", "mixture", "flow")


def peers(theirs: str, folder: Path, X: np.ndarray, *numbers: int) -> dict[str, Any]:
    """Lets pythae draw into `folder`, unless it has; gives its versions and seconds."""
    if not (folder / "about.json").exists():
        np.save(folder / "train.npy", X)
        script = Path(__file__).with_name("pythae_samples.py")
        subprocess.run([str(theirs), script, folder, *map(str, numbers)], check=True, stdout=subprocess.DEVNULL)
    return json.loads((folder / "about.json").read_text())


def fit_prior(name: str, model: latently.Latent, X: np.ndarray) -> prior.Prior:
    """The density of that name of the codes of X."""
    pictures = torch.from_numpy(X).unsqueeze(1)
    coded = prior.Coded.of(model.module_, map(as_float, pictures.split(1000)))
    return prior.fit(name, coded, model.module_, model.seed)


def main() -> None:
    given = options(
        __doc__,
        peers={"default": python("pythae"), "metavar": "PYTHON", "help": "of an environment with pythae"},
        epochs={"type": int, "default": 10},
        samples={"type": int, "default": 10_000},
        folder={"type": Path, "help": "where pythae's samples and our models are kept, and taken up again"},
    )
    if given.peers is None:
        raise SystemExit("pythae is not installed; python -m bench.peers pythae")
    torch.set_num_threads(given.threads)
    epochs, samples = (1, 500) if given.quick else (given.epochs, given.samples)
    training = {"epochs": epochs, "batch_size": 128, "lr": 1e-3, "validation": 0.0, "seed": given.seed}
    run = Run("quality-frechet", given, **NETWORKS, **training, samples=samples, likelihood="normal")
    X, T = idx("train", quick=given.quick)[0], idx("t10k", quick=given.quick)[0]
    judge, accuracy = classifier("mnist", seed=given.seed, epochs=1 if given.quick else 3, quick=given.quick)
    real = judge.features(T)

    def distance(pictures: np.ndarray) -> float:
        return round(frechet(real, judge.features(pictures)), 3)

    known = np.random.default_rng(given.seed).permutation(X)[:samples]
    run.found(**{"classifier: accuracy": round(accuracy, 4), "training digits themselves": distance(known)})
    with tempfile.TemporaryDirectory() as passing:
        folder = given.folder or Path(passing)
        folder.mkdir(exist_ok=True)
        for name, cls in OURS.items():
            path = folder / f"{name}.safetensors"
            model = latently.load(path) if path.exists() else cls(**NETWORKS, **training, likelihood="normal").fit(X)
            model.save(path)
            for chosen in PRIORS:
                model.prior_ = fit_prior(chosen, model, X)
                run.found(**{f"Latently {name}, {chosen} prior": distance(model.sample(samples, seed=given.seed))})
        run.about["peers"] = peers(given.peers, folder, X, epochs, given.seed, samples)
        found = {path.stem: distance(np.load(path)) for path in sorted(folder.glob("*-*.npy"))}
    run.finish(**{f"pythae {name.replace('-mix', ', mix').replace('-nor', ', nor')}": d for name, d in found.items()})


if __name__ == "__main__":
    main()
