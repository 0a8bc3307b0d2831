"""How a network is computed: where, in which precision and layout, on how many threads; chosen once, and said."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import platform
import shutil
import threading
from collections.abc import Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from .autoencoder import Autoencoder
from .errors import ParameterError
from .parts import Penalty

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "float32", "bf16")
SMALL = 2**23  # multiply-adds in a step of dense layers, below which a second core costs more than it gives
WIDE = nn.Conv2d | nn.ConvTranspose2d | nn.LSTM | nn.GRU  # layers whose work is worth every core, and half the bits
M = TypeVar("M", bound=nn.Module)


def device(name: str) -> torch.device:
    """The device of that name; `auto` is the first there of CUDA, MPS and the CPU.

    Raises
    ------
    ParameterError
        The device was asked for by name and is not there.
    """
    there = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available, "cpu": lambda: True}
    if name == "auto":
        name = next(n for n, found in there.items() if found())
    if not there[name]():
        raise ParameterError(f"device={name!r}: PyTorch finds none on this machine; use 'auto' or 'cpu'.")
    return torch.device(name)


def moved(module: M, on: torch.device) -> M:
    """The module on a device; the weights of convolutions lie with their channels last.

    That is how oneDNN and the tensor cores of a GPU want them: on the CPU an epoch of the pooling autoencoder (row 8
    of the teaching networks) takes 9.2 s instead of 14.5. Numbers differ in the last digits.
    """
    module.to(on).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue, reportUnknownVariableType]
    return module


@dataclass(frozen=True, slots=True)
class Compute:
    """What was chosen for one network.

    Examples
    --------
    >>> print(Compute(torch.device("cpu"), "float32", threads=2))
    cpu, 2 threads, float32
    """

    device: torch.device
    precision: str
    threads: int
    compiled: bool = False

    @classmethod
    def chosen(cls, model: Autoencoder, batch_size: int, precision: str = "float32", compiled: bool = False) -> Compute:
        """The quickest that is as good, for a model on its device and batches of so many items.

        bf16 only where the device multiplies it natively and the layers are convolutional or recurrent: elsewhere the
        conversions cost more than they save. Two players always play in float32: their balance hangs on small
        differences.
        """
        on = next(model.parameters()).device
        wide = any(isinstance(module, WIDE) for module in model.modules())
        if precision == "auto":
            precision = "bf16" if wide and not model.adversaries and native_bf16(on.type) else "float32"
        small = not wide and batch_size * sum(p.numel() for p in model.parameters()) < SMALL
        threads = 1 if small else max(1, min(torch.get_num_threads(), cores()))
        if compiled:
            _can_compile(model, on.type)
        return cls(on, precision, threads, compiled)

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'s' * (self.threads != 1)}"
        said = [str(self.device), *([threads] if self.device.type == "cpu" else []), self.precision]
        return ", ".join([*said, *(["compiled"] if self.compiled else [])])

    def cast(self) -> AbstractContextManager[Any]:
        """Inside, layers compute in the precision that was chosen."""
        if self.precision == "float32":
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def run(self, model: Autoencoder) -> Any:
        """What a training step calls: the model, or its compiled form, which draws the same random numbers."""
        if not self.compiled:
            return model
        return torch.compile(model, options={"fallback_random": True})

    @contextlib.contextmanager
    def at_work(self) -> Generator[None]:
        """The number of threads inside, and the caller's own again outside."""
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


@cache
def native_bf16(kind: str) -> bool:
    """Whether a kind of device multiplies bf16 numbers itself."""
    match kind:
        case "cuda":
            return torch.cuda.get_device_capability() >= (8, 0)
        case "cpu":  # AVX-512 and AMX alone; without them one takes several times as long as float32
            flags = ("avx512_bf16", "amx_bf16")
            with contextlib.suppress(OSError):
                return any(flag in Path("/proc/cpuinfo").read_text() for flag in flags)
            return False
        case _:
            return False


@cache
def cores() -> int:
    """Cores that this process may use: those of its affinity, and no more than its container's quota."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(there, math.ceil(int(quota) / int(period))))
    return there


def _can_compile(model: Autoencoder, kind: str) -> None:
    twice = [p.name for p in model.penalties if isinstance(p, Penalty) and p.differentiates]
    if twice:
        raise ParameterError(
            f"compile=True cannot be had with a penalty that is itself a slope ({', '.join(twice)}), which is "
            "differentiated twice; leave it out."
        )
    compilers = [os.environ.get("CXX", "g++"), "clang++", "cl"]
    if kind == "cpu" and not any(map(shutil.which, compilers)):
        raise ParameterError(
            "compile=True needs a C++ compiler and none was found; install g++ or clang++, or leave it out."
        )


_keeping = threading.Lock()
_inside = 0
_TRIM, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4  # glibc's names for what mallopt sets
_MOST = 2**31 - 1
_SET = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_MMAP_MAX_", "GLIBC_TUNABLES")


@contextlib.contextmanager
def kept_memory() -> Generator[None]:
    """Inside, memory that is freed stays with the process; at the end it goes back to the system.

    glibc hands every block above some megabytes back when it is freed, and a training step frees all it took: the
    system then gives empty pages again, one by one. Kept, an epoch of the pooling autoencoder takes 14.5 s instead of
    24. With another C library nothing is done, nor where the person set these thresholds in the environment.
    """
    global _inside
    libc = _glibc()
    if libc is None:
        yield
        return
    with _keeping:
        _inside += 1
        libc.mallopt(_MMAP_MAX, 0)
        libc.mallopt(_TRIM, _MOST)
    try:
        yield
    finally:
        with _keeping:
            _inside -= 1
            if not _inside:  # what glibc's own moving threshold ends in, 32 MB, for setting anything stops it
                libc.mallopt(_MMAP_MAX, 65536)
                libc.mallopt(_MMAP_THRESHOLD, 2**25)
                libc.mallopt(_TRIM, 2**26)
                libc.malloc_trim(0)


@cache
def _glibc() -> Any:
    if platform.libc_ver()[0] != "glibc" or any(name in os.environ for name in _SET):
        return None
    try:
        libc = ctypes.CDLL(None)
        return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
    except OSError:
        return None
