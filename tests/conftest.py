"""What every test stands on: one torch thread, a cache of its own, and the real data where they are there."""

import os
from pathlib import Path

import pytest
import torch

torch.set_num_threads(1)
REAL = Path(__file__).parent.parent.parent / "shared" / "data"


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """Decoded pictures go to a temporary folder, never to the person's cache."""
    before = os.environ.get("LATENTLY_CACHE")
    os.environ["LATENTLY_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["LATENTLY_CACHE"]
    else:
        os.environ["LATENTLY_CACHE"] = before


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the repository; without it the test is skipped."""
    if not REAL.is_dir():
        pytest.skip(f"needs real data in {REAL}")
    return REAL


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Every test draws the same numbers, alone or among others."""
    torch.manual_seed(0)
