"""Our side of the rows of digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import latently

from ..peak import gflops
from .protocol import Told, digits, lost, quickest, say, told


def main() -> None:
    asked = told()
    torch.set_num_threads(asked.threads)
    X, T = digits(asked)
    # On the CPU; nothing held out, and no density fitted to the codes: Keras and pythae do neither.
    plain = {"device": "cpu", "validation": 0, "prior": "standard", "batch_size": asked.row.batch}
    given: Any = {**asked.row.settings, **plain, "epochs": asked.epochs, "seed": asked.seed}
    model = getattr(latently, asked.row.model)(**given)
    fitting = model.begin(X)
    for event in fitting.training.events():
        say(seconds=event["seconds"], train_loss=event["train"]["loss"])
    model.finish(fitting)
    say(
        quality=tested(asked, model, T),
        encode=quickest(lambda: model.transform(X)) if asked.row.encode else None,
        parameters=sum(p.numel() for p in model.module_.parameters()),
        multiply_adds=latently.anatomy(model).multiply_adds,
        items=len(X),
        peak=gflops(side=512 if asked.quick else None),
    )


@torch.inference_mode()
def tested(asked: Told, model: Any, T: np.ndarray) -> float:
    """The loss of the test digits, restored as floats; of a VAE with the price of the code, both at the mean code."""
    module, restored, price = model.module_, [], 0.0
    for some in torch.from_numpy(T).unsqueeze(1).split(1000):
        x = some.float() / 255
        code = module.encode(x)
        restored.append(module.decode(code.mean).numpy())
        price += sum(float(term.double().sum()) for term in code.price.values())
    quality = "bce" if asked.row.quality == "nats" else asked.row.quality
    a_pixel = lost(quality, T, np.concatenate(restored))
    return a_pixel if asked.row.quality != "nats" else T[0].size * a_pixel + price / len(T)


if __name__ == "__main__":
    main()
