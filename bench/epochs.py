"""The seconds of each epoch, finer than the thousandths that an event tells: small networks on a GPU need fewer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any


def timed(training: Any) -> Iterator[tuple[float, dict[str, Any]]]:
    """Trains; gives each epoch's seconds and its event. What is done in between is not counted."""
    events = training.events()
    while True:
        started = time.perf_counter()
        event = next(events, None)
        if event is None:
            return
        yield time.perf_counter() - started, event
