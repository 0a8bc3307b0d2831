"""What is measured: one row a network, with the settings of both sides; plain data, so that peers read it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

BATCH = 256
RATE = 1e-3  # of Adam, on both sides


@dataclass(frozen=True)
class Row:
    """One network, trained by us and by a peer.

    Parameters
    ----------
    what
        For a person, with its number in the list of systems where it has one.
    peer, theirs
        The peer's environment, and the module of its side.
    model, settings
        Our class, and what it is told.
    quality
        What is compared beside the time: `bce` or `mse` a pixel of the restored test pictures, `nats` an item of the
        VAE, `nats a token`, or `auroc`, which alone is better where it is higher.
    epochs
        Passes over the data, the first of which is not counted; of a row of anomaly tables see its settings.
    target, encode
        Times faster that are asked for, in training and in encoding.
    items, tests
        How many, the first ones; None for all.
    """

    what: str
    peer: str
    theirs: str
    model: str
    settings: Mapping[str, Any]
    quality: str
    epochs: int
    target: float
    encode: float | None = None
    items: int | None = None
    ours: str = "our_pictures"
    threads: int | None = None  # where the row says how many, whatever was asked for
    batch: int = BATCH
    peer_settings: Mapping[str, Any] = field(default_factory=dict)


def _keras(what: str, quality: str, epochs: int, target: float, encode: float | None = None, **more: Any) -> Row:
    items, likelihood = more.pop("items", None), {"bce": "bernoulli", "mse": "normal"}[quality]
    settings = {**more, "likelihood": likelihood}
    return Row(what, "keras-tensorflow", "keras_pictures", "AE", settings, quality, epochs, target, encode, items)


_PICTURES = {
    "dense": _keras(
        "1 dense 784-32-784",
        "bce",
        10,
        4,
        2,
        latent=32,
        encoder="dense32 relu",
        decoder="dense784 sigmoid",
    ),
    "deep": _keras(
        "4 dense, 117,840",
        "mse",
        10,
        2.5,
        latent=64,
        encoder="dense64 elu dense64 elu dense64 elu",
        decoder="dense64 elu dense64 elu dense784 elu",
    ),
    "pooling": _keras(
        "8 pooling, 3,369",
        "bce",
        5,
        2.5,
        2,
        encoder="conv16 relu pool2 conv8 relu pool2 conv4 relu pool2",
        decoder="conv4 relu up2 conv8 relu up2 conv16:valid relu up2 conv1 sigmoid",
    ),
    "conv": _keras(
        "5 convolutional, 20,000 images",
        "mse",
        5,
        2,
        2,
        latent=64,
        encoder="conv16:valid elu conv16:valid elu flatten dense64 elu",
        decoder="dense9216 elu reshape24x24x16 convt16:valid elu convt1:valid elu",
        items=20_000,
    ),
}

# PyOD's own number of epochs and batches of its own size; no density of the codes, which PyOD does not fit either.
_AS_PYOD = {"batch_size": 32, "prior": "standard"}


def _tables(model: str, theirs: str, how: str, settings: Mapping[str, Any]) -> Row:
    what = f"20 ADBench tables, {model}, {how}"
    more = {"ours": "our_anomalies", "threads": 1, "peer_settings": {"detector": theirs}}
    return Row(what, "pyod", "pyod_anomalies", model, settings, "auroc", 0, 1, **more)


ROWS: dict[str, Row] = {
    **_PICTURES,
    "writer": Row(
        "20 LSTM 256-512-512-7001, 128 x 20",
        "keras-tensorflow",
        "keras_writer",
        "LanguageModel",
        {"network": "embed256 lstm512 lstm512"},
        "nats a token",
        3,
        2.5,
        items=5120,  # so many that 7,001 words are needed
        ours="our_writer",
        batch=128,
    ),
    "vae": Row(
        "VAE 784-512-16",
        "pythae",
        "pythae_pictures",
        "VAE",
        {
            "latent": 16,
            "encoder": "dense512 relu",
            "decoder": "dense512 relu dense784 sigmoid",
            "likelihood": "bernoulli",
        },
        "nats",
        5,
        2,
    ),
    "anomalies-ae": _tables("AE", "AutoEncoder", "default settings", {}),
    "anomalies-ae-short": _tables("AE", "AutoEncoder", "as long as PyOD", {"epochs": 10, **_AS_PYOD}),
    "anomalies-vae": _tables("VAE", "VAE", "default settings", {}),
    "anomalies-vae-short": _tables("VAE", "VAE", "as long as PyOD", {"epochs": 30, **_AS_PYOD}),
    **{
        f"{name}-torch": replace(row, peer="keras-torch", what=f"{row.what}, Keras on torch")
        for name, row in _PICTURES.items()
    },
}
