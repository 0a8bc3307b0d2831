"""Where the time of a training step goes, network by network: shares of operations, as PyTorch's profiler counts them.

python -m bench.costs [--quick] [--threads 2]
"""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

import latently
from latently.compute import kept_memory

from .data import idx
from .record import keep, options
from .speed.rows import BATCH, ROWS

NETWORKS = ("dense", "deep", "pooling", "conv", "vae")
STEPS = 30
KINDS = {  # the first that fits the name of an operation
    "loss": r"entropy|CrossEntropy|log_|sigmoid$|mse|lerp|maximum|prod|addcmul|rsub",
    "products of convolutions": r"conv|bmm",
    "products of dense layers": r"mm$|linear",
    "curves": r"elu|relu|silu|sigmoid_|tanh|threshold|clamp_min",
    "pools": r"pool|upsample",
    "optimizer and clipping": r"adam|Optimizer|norm|foreach",
    "reading a batch": r"index|div$",
    "copies, sums, allocations": r"copy|fill|empty|sum|mul|add|sub|cat|clone|zero|mean|contiguous",
}


def step(name: str, given: Any) -> dict[str, Any]:
    """Milliseconds of a step, and the shares of each kind of operation, in percent."""
    row = ROWS[name]
    torch.set_num_threads(given.threads)
    items = idx("train", quick=given.quick)[0][: BATCH * (STEPS + 1)]
    model = getattr(latently, row.model)(**row.settings, validation=0, batch_size=BATCH, device="cpu", epochs=1)
    training = model.begin(items).training
    batches = list(training.train.shuffled(0, 1))[: 2 if given.quick else STEPS]
    with kept_memory(), training.compute.at_work():
        for batch in batches[:2]:
            training.trainer.step(*batch)
        started = time.perf_counter()
        for batch in batches:
            training.trainer.step(*batch)
        spent = (time.perf_counter() - started) / len(batches)
        with profile(activities=[ProfilerActivity.CPU]) as seen:
            for batch in training.train.shuffled(0, 1):
                training.trainer.step(*batch)
    found = Counter[str]()
    for event in seen.key_averages():
        kind = next((kind for kind, names in KINDS.items() if re.search(names, event.key)), "the rest")
        found[kind] += event.self_cpu_time_total
    whole = sum(found.values())
    shares = {kind: round(100 * found[kind] / whole) for kind in (*KINDS, "the rest")}
    return {"a step, ms": round(1000 * spent, 2), "shares, %": shares}


def main() -> None:
    given = options(__doc__)
    keep("costs", {ROWS[name].what: step(name, given) for name in NETWORKS}, "torch", quick=given.quick)


if __name__ == "__main__":
    main()
