"""A bar on the terminal for work that a person waits for, and silence everywhere else."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


def track(items: Iterable[T], total: int | None, label: str) -> Iterator[T]:
    """Yields `items` while a bar on stderr counts them; where stderr is no terminal nothing is drawn.

    Parameters
    ----------
    items
        What is worked through.
    total
        How many there are, or None where that is not known.
    label
        What is being done, as in "Decoding pictures".

    Examples
    --------
    >>> list(track([1, 2, 3], 3, "Counting"))
    [1, 2, 3]
    """
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(items, total=total, description=label)


def follow(events: Iterable[dict[str, Any]], epochs: int | None = None) -> Iterator[dict[str, Any]]:
    """Yields a training's events while showing them: a bar on a terminal, a line now and then in a log.

    Parameters
    ----------
    events
        As a fit yields them, one an epoch.
    epochs
        How many there will be at most; read from the events where not given.
    """
    if not sys.stderr.isatty():
        for event in events:
            last = event["epochs"] if epochs is None else epochs
            if (
                "note" in event
                or event["epoch"] == 1
                or event["epoch"] * 10 // last > (event["epoch"] - 1) * 10 // last
            ):
                print(_line(event), file=sys.stderr, flush=True)
            yield event
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("preparing", total=epochs)
        for event in events:
            bar.update(task, total=event["epochs"], completed=event["epoch"], description=_line(event, notes=False))
            if "note" in event:
                bar.console.print(event["note"])
            yield event


def _line(event: dict[str, Any], *, notes: bool = True) -> str:
    held_out = f", held out {event['validation']['loss']:.4g}" if event["validation"] else ""
    note = f"  {event['note']}" if notes and "note" in event else ""
    return f"epoch {event['epoch']}/{event['epochs']}  loss {event['train']['loss']:.4g}{held_out}{note}"
