"""What each quicker form gains: milliseconds forward and back, with and without.

python -m bench.forms [--quick]

Forms are those of networks, `latently.nets.fast`, and of the cross-entropy, `latently.parts.entropy`.

256 pictures with their channels last, pairs of both in turns, medians; then whole steps of training. `threads` says
with how many. Freed memory is kept by the process (as in training), which takes page faults out of the times:
MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=100000000 python -m bench.forms
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from latently.nets import build, pair, parse, through
from latently.parts import Plain
from latently.parts.entropy import cross_entropy
from latently.quick import plain
from latently.spec import Spec

from .record import Run, options

LAYERS = {  # the form: what it is measured on, what comes in, whether that needs a slope
    "first convolution (products)": ("conv16", (1, 28, 28), False),
    "first convolution, stride 2 (products)": ("conv16:k4:s2", (1, 28, 28), False),
    "first convolution of colours, stride 3 (products)": ("conv16:k3:s3", (3, 63, 63), False),
    "16 to 16 channels (products)": ("conv16:valid", (16, 26, 26), True),
    "16 to 8 channels (products)": ("conv8", (16, 14, 14), True),
    "16 to 16 channels, transposed (products)": ("convt16:valid", (16, 24, 24), True),
    "16 to 1 channel, transposed (products)": ("convt1:valid", (16, 26, 26), True),
    "16 to 1 channel, transposed, stride 2 (products)": ("convt1:k4:s2", (16, 14, 14), True),
    "16 to 3 channels, transposed, stride 3 (products)": ("convt3:k3:s3", (16, 21, 21), True),
    "32 to 16 channels, transposed, stride 2 (products)": ("convt16:k4:s2", (32, 7, 7), True),
    "16 to 1 channel (turned)": ("conv1", (16, 28, 28), True),
    "enlarged, 8 to 16 channels (spread)": ("up2 conv16:valid", (8, 8, 8), True),
    "enlarged, 16 to 1 channel (spread)": ("up2 conv1", (16, 14, 14), True),
    "odd sides cut, 16 to 8 channels (uncut)": ("convt8:k3:s2", (16, 14, 14), True),
    "odd sides cut, 16 to 1 channel (uncut)": ("convt1:k3:s2", (16, 14, 14), True),
    "relu, pool (pool first)": ("conv16 relu pool2", (1, 28, 28), False),
    "elu (over)": ("conv16:valid elu", (1, 28, 28), False),
    "picture to vector (flat)": ("conv16 flatten dense64", (1, 26, 26), False),
    "vector to picture (curved picture)": ("dense9216 elu reshape24x24x16 conv4", (64,), True),
}

DIGIT, PHOTOGRAPH, COLOUR = (1, 28, 28), (3, 63, 63), (3, 32, 32)
MODELS: dict[str, tuple[Any, ...]] = {  # encoder, decoder, code, an item's shape, batch
    "pooling (row 8)": (
        "conv16 relu pool2 conv8 relu pool2 conv4 relu pool2",
        "conv4 relu up2 conv8 relu up2 conv16:valid relu up2 conv1",
        64,
        DIGIT,
        256,
    ),
    "transposed (row 9)": (
        "conv16:valid relu pool2:valid conv8:valid relu pool2:valid conv4:valid relu",
        "convt4 relu up2 convt8 relu up2 convt16:valid relu up2 convt1",
        36,
        DIGIT,
        256,
    ),
    "convolutional (row 5)": (
        "conv16:valid elu conv16:valid elu flatten dense64 elu",
        "dense9216 elu reshape24x24x16 convt16:valid elu convt1:valid elu",
        64,
        DIGIT,
        256,
    ),
    "photographs (row 7)": (
        "conv16:k3:s3 elu conv8:k3:valid elu flatten dense1024 elu",
        "dense2888 elu reshape19x19x8 convt16:k3:valid elu convt3:k3:s3 elu",
        1024,
        PHOTOGRAPH,
        64,
    ),
    "default, digits": (None, None, 16, DIGIT, 128),
    "default, colours": (None, None, 16, COLOUR, 128),
    "stride 2, mirrored": ("conv16:s2 relu conv32:s2 relu", None, 16, DIGIT, 256),
    "residual": ("residual", None, 16, DIGIT, 128),
    "unet": ("unet", None, 16, DIGIT, 128),
}


def layer(spelling: str, shape: tuple[int, ...], reads: bool, batch: int) -> Callable[[], object]:
    """Forward and back through a row of layers."""
    network = build(parse(spelling), shape, "network").to(memory_format=torch.channels_last)
    x = torch.rand(batch, *shape)
    x = (x.to(memory_format=torch.channels_last) if x.ndim == 4 else x).requires_grad_(reads)
    ends = [*([x] if reads else []), *network.parameters()]
    g = torch.randn_like(network(x))
    return lambda: torch.autograd.grad(network(x), ends, g)


def cross_entropies(batch: int) -> Callable[[], object]:
    """The cross-entropy of digits, and its slope."""
    x, logits = torch.rand(batch, *DIGIT), torch.randn(batch, *DIGIT).requires_grad_()
    return lambda: torch.autograd.grad(cross_entropy(x, logits).mean(), logits)


def model(
    encoder: str | None, decoder: str | None, code: int, shape: tuple[int, ...], batch: int
) -> Callable[[], object]:
    """A step of descent, mean squared error."""
    networks = pair(Spec("image", shape), Plain(code), encoder, decoder, "normal")
    both = nn.ModuleList([networks.encoder, networks.decoder]).to(memory_format=torch.channels_last)
    descent, x = torch.optim.Adam(both.parameters(), fused=True), torch.rand(batch, *shape)

    def step() -> None:
        memory: list[Tensor] = []
        z = through(networks.encoder, x, memory)
        loss = (through(networks.decoder, z, memory) - x).square().mean()
        descent.zero_grad(set_to_none=True)
        loss.backward()
        descent.step()

    return step


def compared(work: Callable[[], object], pairs: int) -> dict[str, float]:
    """Medians of milliseconds, and the median of the pairs' ratios."""
    found: dict[str, list[float]] = {"plain, ms": [], "fast, ms": []}
    for i in range(pairs + 2):
        for name, forms in (("plain, ms", plain), ("fast, ms", nullcontext)):
            with forms():
                started = time.perf_counter()
                work()
                if i > 1:
                    found[name].append(1e3 * (time.perf_counter() - started))
    ratios = [a / b for a, b in zip(*found.values(), strict=True)]
    return {**{name: round(median(times), 2) for name, times in found.items()}, "ratio": round(median(ratios), 2)}


def main() -> None:
    given = options(__doc__)
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    batch, pairs = (16, 1) if given.quick else (256, 30)
    run = Run("forms", given, batch=batch, pairs=pairs)
    for name, (spelling, shape, reads) in LAYERS.items():
        run.results[name] = compared(layer(spelling, shape, reads, batch), pairs)
    run.results["cross-entropy of digits (one curve)"] = compared(cross_entropies(batch), pairs)
    for name, (*what, size) in MODELS.items():
        run.results[f"a step: {name}"] = compared(model(*what, min(size, batch)), pairs)
    run.finish()


if __name__ == "__main__":
    main()
