"""Keras' side of the rows of digits, written and trained as its users do; runs where Keras is and Latently is not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notices of its own start

import keras
from keras import layers as L

from .protocol import AT_ONCE, digits, floats, lost, quickest, say, told
from .rows import BATCH, RATE

LOSSES = {"bce": "binary_crossentropy", "mse": "mse"}


def limit(threads: int) -> None:
    """So many threads, for either backend."""
    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(threads)
    else:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


class Clock(keras.callbacks.Callback):
    """Says the seconds of each epoch."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        say(seconds=time.perf_counter() - self.started, train_loss=float(logs["loss"]))


def dense() -> tuple[list[Any], list[Any]]:
    return [L.Input((784,)), L.Dense(32, "relu")], [L.Dense(784, "sigmoid")]


def deep() -> tuple[list[Any], list[Any]]:
    encoder = [L.Dense(64, "elu") for _ in range(3)]
    return [L.Input((784,)), *encoder], [L.Dense(64, "elu"), L.Dense(64, "elu"), L.Dense(784, "elu")]


def pooling() -> tuple[list[Any], list[Any]]:
    def conv(n: int, padding: str = "same", activation: str = "relu") -> Any:
        return L.Conv2D(n, 3, padding=padding, activation=activation)

    def pool() -> Any:
        return L.MaxPooling2D(padding="same")

    encoder = [L.Input((28, 28, 1)), conv(16), pool(), conv(8), pool(), conv(4), pool()]
    up = [conv(4), L.UpSampling2D(), conv(8), L.UpSampling2D(), conv(16, "valid"), L.UpSampling2D()]
    return encoder, [*up, conv(1, activation="sigmoid")]


def conv() -> tuple[list[Any], list[Any]]:
    encoder = [L.Conv2D(16, 3, activation="elu"), L.Conv2D(16, 3, activation="elu"), L.Flatten(), L.Dense(64, "elu")]
    up = [L.Conv2DTranspose(16, 3, activation="elu"), L.Conv2DTranspose(1, 3, activation="elu")]
    return [L.Input((28, 28, 1)), *encoder], [L.Dense(9216, "elu"), L.Reshape((24, 24, 16)), *up]


NETWORKS: dict[str, Callable[[], tuple[list[Any], list[Any]]]] = {
    "dense": dense,
    "deep": deep,
    "pooling": pooling,
    "conv": conv,
}


def main() -> None:
    asked = told()
    limit(asked.threads)
    keras.utils.set_random_seed(asked.seed)
    X, T = digits(asked)
    first, second = NETWORKS[asked.name.removesuffix("-torch")]()
    encoder = keras.Sequential(first)
    model = keras.Sequential([*first, *second])  # of the same layers
    shape = model.input_shape[1:]
    A, B = floats(X).reshape(-1, *shape), floats(T).reshape(-1, *shape)
    model.compile(keras.optimizers.Adam(RATE), LOSSES[asked.row.quality])
    model.fit(A, A, batch_size=BATCH, epochs=asked.epochs, verbose=0, callbacks=[Clock()])
    say(
        quality=lost(asked.row.quality, T, model.predict(B, batch_size=AT_ONCE, verbose=0)),
        encode=quickest(lambda: encoder.predict(A, batch_size=AT_ONCE, verbose=0)) if asked.row.encode else None,
        parameters=model.count_params(),
    )


if __name__ == "__main__":
    main()
