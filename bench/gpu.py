"""Speed on a GPU, alone on a machine with PyTorch: samples a second, and the share of the card's measured limit.

python -m bench.gpu [--device cuda] [--quick] [--epochs 4] [--batches 256 4096] [--long]

Not yet run on a GPU: only `--device cpu --quick` was.

Needs this checkout alone: where Latently is not installed it is taken from src/, and what is missing beside it is
named. Without shared/data the pictures are made up, which costs the same; the results then say so. Each network is
trained with every precision, with and without compilation where Latently offers it, at two sizes of a batch; the first
epoch makes ready and stands apart. The limit is what the device reaches in a product of two matrices, of bf16 or
float32, whichever is more (on a card bf16), measured in the same run.

--long adds the quality runs that take hours on a CPU, each with a JSON file of its own in results/.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import torch

ROOT = Path(__file__).parent.parent
IMPORTED_AS = {"scikit-learn": "sklearn", "scikit-image": "skimage", "pillow": "PIL"}
LONG = (
    ("nll", "--importance", "50"),
    ("nll",),
    ("conv", "--epochs", "50"),
    ("denoise", "--epochs", "100"),
    ("writer",),
)


def alone() -> None:
    """Makes `import latently` work from the checkout, or says what is missing."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    missing = [pin for pin in wanted if not importlib.util.find_spec(_module(pin))]
    if missing:
        quoted = " ".join(f"'{pin}'" for pin in missing)
        raise SystemExit(f"missing beside PyTorch are {', '.join(missing)}; pip install {quoted}")
    if not importlib.util.find_spec("latently"):
        sys.path.insert(0, str(ROOT / "src"))
        os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])


def _module(pin: str) -> str:
    name = pin.partition(">")[0].strip()
    return IMPORTED_AS.get(name, name)


Work = tuple[str, dict[str, Any], Any]  # model, settings, data


def works(quick: bool) -> dict[str, Work]:
    """What is trained."""
    import latently

    from .data import DATA, made_up, pictures, verses
    from .speed.rows import ROWS

    real = (DATA / "mnist").is_dir() and not quick
    X = pictures("train") if real else made_up(128 if quick else 60_000)
    found: dict[str, Work] = {
        "dense 784-32-784": ("AE", dict(ROWS["dense"].settings), X),
        "convolutional, 1.19 M": ("AE", dict(ROWS["conv"].settings), X),
        "convolutional VAE, default network": ("VAE", {"latent": 16}, X),
    }
    if hasattr(latently, "LanguageModel") and (DATA / "text").is_dir():
        from .speed.our_writer import opened

        lines = verses(128 if quick else 10_000)
        settings = dict(ROWS["writer"].settings)
        found["LSTM 256-512-512-7001"] = ("LanguageModel", settings, opened(lines))
    return found


def variants(batches: list[int]) -> Iterator[tuple[str, dict[str, Any]]]:
    """How each network is trained: a name and the settings."""
    import latently

    declared = latently.parameters(latently.AE)
    compiled = (False, True) if "compile" in declared else (None,)
    precisions = [name for name in ("float32", "bf16") if name in declared["precision"].choices]
    for precision, compile_, batch in itertools.product(precisions, compiled, batches):
        how = {} if compile_ is None else {"compile": compile_}
        name = f"{precision}{', compiled' if compile_ else ''}, batch {batch}"
        yield name, {"precision": precision, "batch_size": batch, **how}


def measured(work: Work, how: dict[str, Any], told: Any) -> dict[str, Any]:
    """One network, trained one way."""
    import latently

    from .epochs import timed
    from .peak import share

    name, settings, X = work
    given: dict[str, Any] = {**settings, **how, "epochs": told.epochs, "validation": 0, "device": told.device}
    model = getattr(latently, name)(**given)
    fitting = model.begin(X)
    epochs = list(timed(fitting.training))
    seconds, items = median(seconds for seconds, _ in epochs[1:]), len(X)
    return {
        "samples a second": round(items / seconds),
        "share of the limit": round(share(multiply_adds(work, fitting), items, seconds, max(told.limits.values())), 4),
        "s an epoch": round(seconds, 5),
        "s of the first epoch": round(epochs[0][0], 3),
        "train loss after": round(epochs[-1][1]["train"]["loss"], 3),
    }


def multiply_adds(work: Work, fitting: Any) -> int:
    """Of the forward pass, for one item."""
    import latently

    from .speed import our_writer

    name, settings, X = work
    if name == "LanguageModel":
        return our_writer.multiply_adds(fitting.codec.spec.vocabulary)
    return latently.anatomy(getattr(latently, name)(**settings), (*X.shape[1:], 1)).multiply_adds


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", choices=("cuda", "mps", "cpu"))
    parser.add_argument("--epochs", type=int, default=4, help="at least 2: the first makes ready")
    parser.add_argument("--batches", type=int, nargs="+", default=[256, 4096])
    parser.add_argument("--quick", action="store_true", help="few items, two epochs: only to see that it runs")
    parser.add_argument("--long", action="store_true", help="the long quality runs as well")
    given = parser.parse_args()
    if given.quick:
        given.epochs, given.batches = 2, given.batches[:1]
    if given.epochs < 2:
        parser.error("--epochs: at least 2, for the first one is not counted")
    there = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available, "cpu": lambda: True}
    if not there[given.device]():
        parser.error(f"--device {given.device}: PyTorch finds none on this machine")
    return given


def long_runs(quick: bool) -> bool:
    """The quality runs, one after the other; whether all went well."""
    fine = True
    for name, *more in LONG:
        command = [sys.executable, "-m", f"bench.quality.{name}", *more, *(["--quick"] if quick else [])]
        print(" ".join(command[1:]), flush=True)
        fine &= subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    return fine


def main() -> None:
    given = options()
    alone()
    from .data import DATA
    from .peak import gflops
    from .record import keep_rows

    side = 512 if given.quick else None
    kinds = {"float32": torch.float32, "bf16": torch.bfloat16}
    given.limits = {name: gflops(given.device, kind, side=side) for name, kind in kinds.items()}
    card = torch.cuda.get_device_name() if given.device == "cuda" else given.device
    about = {
        "device": card,
        "limits, GFLOP/s": {name: round(limit, 1) for name, limit in given.limits.items()},
        "data": "MNIST" if (DATA / "mnist").is_dir() and not given.quick else "made up",
    }
    print(card, about["limits, GFLOP/s"], flush=True)
    for name, work in works(given.quick).items():
        for variant, how in variants(given.batches):
            found = measured(work, how, given)
            print(f"{name}, {variant}: {found}", flush=True)
            keep_rows("gpu", {f"{name}, {variant}": {**about, **found}}, "torch", quick=given.quick)
    if given.long and not long_runs(given.quick):
        sys.exit("some of the long runs failed")


if __name__ == "__main__":
    main()
