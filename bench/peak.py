"""How fast a device multiplies matrices: the limit against which a network's speed is held."""

from __future__ import annotations

import time

import torch

SIDE = {"cpu": 2048, "cuda": 8192, "mps": 4096}  # large enough that moving the numbers costs little beside the products


def wait(device: str) -> None:
    """Until the device has done what it was told."""
    if device == "cuda":
        torch.cuda.synchronize()
    if device == "mps":
        torch.mps.synchronize()


@torch.inference_mode()
def gflops(device: str = "cpu", dtype: torch.dtype = torch.float32, *, side: int | None = None) -> float:
    """Billions of multiplications and additions a second in a product of two square matrices: the best of five."""
    side = side or SIDE[device]
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    times = list[float]()
    for _ in range(6):  # the first one makes ready
        wait(device)
        started = time.perf_counter()
        a @ b
        wait(device)
        times.append(time.perf_counter() - started)
    return 2 * side**3 / min(times[1:]) / 1e9


def share(multiply_adds: int, items: int, seconds: float, peak: float) -> float:
    """The share of `peak`, in GFLOP/s, at which `items` were trained on in `seconds`.

    `multiply_adds` are the forward pass's for one item. A step counts as three of them: forward, the gradients of the
    weights and those of the inputs; the first layer, which needs none of its inputs, is counted all the same.
    """
    return 3 * 2 * multiply_adds * items / seconds / 1e9 / peak
