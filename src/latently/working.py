"""Whether a process is at work in a folder: a lock that ends with the process, however that ends."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

FILE = ".working"


@contextmanager
def working(folder: Path) -> Generator[None]:
    """Inside, `at_work` says so to every process that asks.

    Parameters
    ----------
    folder
        It is there; where its system knows no locks, or nothing can be written, nothing is said.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with working(folder):
    ...     at_work(folder)
    True
    >>> at_work(folder)
    False
    """
    path = folder / FILE
    try:
        import fcntl

        file = path.open("ab")
    except (ImportError, OSError):
        yield
        return
    with file:
        with suppress(OSError):
            fcntl.flock(
                file, fcntl.LOCK_SH
            )  # shared, so that it only waits for those who ask, which takes microseconds
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def at_work(folder: Path) -> bool | None:
    """Whether a process is at work there; None where the system cannot tell."""
    try:
        import fcntl

        with (folder / FILE).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    except (ImportError, OSError):
        return None
    return False
