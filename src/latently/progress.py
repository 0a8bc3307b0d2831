"""A bar on the terminal for work that a person waits for, and silence everywhere else."""

import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Timer, local
from typing import Any, TypeVar

T = TypeVar("T")
SLOW = 3.0  # seconds after which a log is told what is being done
_here = local()  # who follows in this thread


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


def doing(what: str) -> None:
    """Says what a training is at before its first epoch, where somebody follows it; else nothing.

    >>> doing("Learning the columns")
    """
    show: Callable[[str], None] | None = getattr(_here, "show", None)
    if show is not None:
        show(what)


@contextmanager
def _shown(show: Callable[[str], None]) -> Generator[None]:
    before = getattr(_here, "show", None)
    _here.show = show
    try:
        yield
    finally:
        _here.show = before


class _Slowly:
    """A line in a log for each thing that takes long, once it has."""

    def __init__(self) -> None:
        self.timer = Timer(0, print)  # never started

    def __call__(self, what: str) -> None:
        self.timer.cancel()
        self.timer = Timer(SLOW, lambda: print(f"{what} ...", file=sys.stderr, flush=True))
        self.timer.daemon = True
        self.timer.start()

    def over(self) -> None:
        self.timer.cancel()


def follow(events: Iterable[dict[str, Any]], epochs: int | None = None) -> Iterator[dict[str, Any]]:
    """Yields a training's events while showing them: a bar on a terminal, a line now and then in a log.

    Parameters
    ----------
    events
        As a fit yields them, one an epoch.
    epochs
        How many there will be at most; read from the events where not given.
    """
    told: list[Mapping[str, Any]] = []
    if not sys.stderr.isatty():
        slowly = _Slowly()
        try:
            for event in _followed(events, slowly):
                slowly.over()
                told.append(event)
                last = event["epochs"] if epochs is None else epochs
                if (
                    "note" in event
                    or event["epoch"] == 1
                    or event["epoch"] * 10 // last > (event["epoch"] - 1) * 10 // last
                ):
                    print(_line(event), file=sys.stderr, flush=True)
                yield event
        finally:
            slowly.over()
        if why := early(told):
            print(why, file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("preparing", total=epochs)
        for event in _followed(events, lambda what: bar.update(task, description=what, refresh=True)):
            told.append(event)
            bar.update(task, total=event["epochs"], completed=event["epoch"], description=_line(event, notes=False))
            if "note" in event:
                bar.console.print(event["note"])
            yield event
        if why := early(told):
            bar.console.print(why, markup=False, highlight=False)


def _followed(events: Iterable[dict[str, Any]], show: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """The events, while what is done to get each is shown."""
    waiting = iter(events)
    while True:
        with _shown(show):
            event = next(waiting, None)
        if event is None:
            return
        yield event


def kept(history: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The event of the epoch whose weights are kept: the last of those that were the best so far.

    >>> kept([{"epoch": 1, "best": True}, {"epoch": 2, "best": True}, {"epoch": 3, "best": False}])["epoch"]
    2
    """
    return next((event for event in reversed(history) if event["best"]), history[-1])


def early(history: Sequence[Mapping[str, Any]], epochs: int | None = None) -> str | None:
    """Why a training ended before its last epoch, in a few words; None where it did not.

    Parameters
    ----------
    history
        The events so far; of a run that goes on, those of this stretch may be all there are.
    epochs
        How many were asked for, where that is no longer what the events say.

    Examples
    --------
    >>> early([{"epoch": 3, "epochs": 9, "stopped": "no better held-out loss for 2 epochs."}])
    'stopped early: no better held-out loss for 2 epochs'
    """
    last: Mapping[str, Any] = history[-1] if history else dict[str, Any]()
    if "stopped" not in last or last["epoch"] >= (epochs or last["epochs"]):
        return None
    return f"stopped early: {last['stopped'].rstrip('.')}"


def _line(event: dict[str, Any], *, notes: bool = True) -> str:
    held_out = f", held out {event['validation']['loss']:.4g}" if event["validation"] else ""
    compute = f"  {event['compute']}" if notes and "compute" in event else ""
    note = f"\nNote: {event['note']}" if notes and "note" in event else ""
    return f"epoch {event['epoch']}/{event['epochs']}  loss {event['train']['loss']:.4g}{held_out}{compute}{note}"
