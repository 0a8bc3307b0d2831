"""What pythae's models draw, for `frechet`; runs in an environment of its own, which has pythae and not Latently.

python bench/quality/pythae_samples.py FOLDER EPOCHS SEED SAMPLES

Reads FOLDER/train.npy, (n, 28, 28) bytes; writes FOLDER/MODEL-SAMPLER.npy, (SAMPLES, 28, 28) bytes, and
FOLDER/about.json with versions and seconds. The networks are pythae's own defaults: 784-512-16-512-784.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from pythae.models import RAE_L2, VAE, RAE_L2_Config, VAEConfig
from pythae.pipelines import TrainingPipeline
from pythae.samplers import GaussianMixtureSampler, NormalSampler
from pythae.trainers import BaseTrainerConfig, CoupledOptimizerTrainerConfig

ONE, TWO = {"learning_rate": 1e-3}, {"encoder_learning_rate": 1e-3, "decoder_learning_rate": 1e-3}
MODELS = {
    "VAE": (VAE, VAEConfig, {"reconstruction_loss": "bce"}, BaseTrainerConfig, ONE),
    "RAE-L2": (RAE_L2, RAE_L2_Config, {}, CoupledOptimizerTrainerConfig, TWO),
}
SAMPLERS = {"normal": NormalSampler, "mixture": GaussianMixtureSampler}


def main(folder: Path, epochs: int, seed: int, samples: int) -> None:
    torch.set_num_threads(1)
    X = np.load(folder / "train.npy").astype(np.float32)[:, None] / 255
    about: dict[str, object] = {"versions": {name: version(name) for name in ("pythae", "torch")}, "seconds": {}}
    for name, (cls, config, more, trainer, rates) in MODELS.items():
        torch.manual_seed(seed)
        started = time.perf_counter()
        model = cls(config(input_dim=(1, 28, 28), latent_dim=16, **more))
        plan = {"num_epochs": epochs, "per_device_train_batch_size": 128, "seed": seed, "no_cuda": True, **rates}
        with tempfile.TemporaryDirectory() as there:
            TrainingPipeline(model=model, training_config=trainer(output_dir=there, **plan))(train_data=X)
        about["seconds"][name] = round(time.perf_counter() - started)
        model.eval()
        for kind, sampler in SAMPLERS.items():
            drawer = sampler(model)
            if kind != "normal":
                drawer.fit(torch.from_numpy(X))
            drawn = drawer.sample(num_samples=samples, batch_size=500).numpy().reshape(-1, 28, 28)
            np.save(folder / f"{name}-{kind}.npy", (255 * drawn.clip(0, 1)).round().astype(np.uint8))
    (folder / "about.json").write_text(json.dumps(about))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
