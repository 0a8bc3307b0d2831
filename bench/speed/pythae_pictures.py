"""pythae's side of the VAE: its own network, loss and trainer; runs where pythae is and Latently is not."""

from __future__ import annotations

import logging
import tempfile
import time
from typing import Any

import numpy as np
import torch
from pythae.models import VAE, VAEConfig
from pythae.pipelines import TrainingPipeline
from pythae.trainers import BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback

from .protocol import digits, floats, lost, say, told
from .rows import BATCH, RATE


class Clock(TrainingCallback):
    """Says the seconds of each epoch."""

    def on_epoch_begin(self, training_config: Any, **_: Any) -> None:
        self.started = time.perf_counter()

    def on_epoch_end(self, training_config: Any, **_: Any) -> None:
        self.seconds = time.perf_counter() - self.started

    def on_log(self, training_config: Any, logs: Any, **_: Any) -> None:
        say(seconds=self.seconds, train_loss=float(logs["train_epoch_loss"]))


@torch.inference_mode()
def tested(model: VAE, T: np.ndarray) -> float:
    """Nats a test digit: cross-entropy and the price of the code, both at the mean code."""
    encoded = model.encoder(torch.from_numpy(floats(T)[:, None]))
    mean, log_var = encoded.embedding, encoded.log_covariance
    price = -0.5 * (1 + log_var - mean.square() - log_var.exp()).double().sum(1).mean().item()
    return T[0].size * lost("bce", T, model.decoder(mean).reconstruction.numpy()) + price


def main() -> None:
    asked = told()
    torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    logging.disable(logging.INFO)
    X, T = digits(asked)
    model = VAE(VAEConfig(input_dim=(1, 28, 28), latent_dim=16, reconstruction_loss="bce"))
    plan: Any = {"num_epochs": asked.epochs, "per_device_train_batch_size": BATCH, "learning_rate": RATE}
    with tempfile.TemporaryDirectory() as folder:
        config = BaseTrainerConfig(output_dir=folder, seed=asked.seed, no_cuda=True, **plan)
        TrainingPipeline(model=model, training_config=config)(train_data=floats(X)[:, None], callbacks=[Clock()])
    model.eval()
    say(quality=tested(model, T), encode=None, parameters=sum(p.numel() for p in model.parameters()))


if __name__ == "__main__":
    main()
