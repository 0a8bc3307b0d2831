"""The one thing that is public of the studio, in words that need none of its libraries."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from latently import InputError, MissingPackageError, ParameterError

RUNS = "runs"  # where `latently fit` puts its runs
PORT = 8420


def serve(
    runs: str | Path | None = None,
    *,
    port: int = PORT,
    host: str = "127.0.0.1",
    browser: bool = True,
) -> None:
    """Opens the studio, a web page to look into trained models, and keeps it open until Ctrl-C.

    It answers this machine alone. With another `host` it answers the network, and only those who know the token that is
    printed. Nothing is ever fetched from another address.

    Parameters
    ----------
    runs
        A folder of runs, or one run; None for `runs` in the current folder, which need not be there yet.
    port
        From 1 to 65535; 0 for any that is free.
    host
        The address to listen at.
    browser
        Whether to open the page in the person's browser.

    Raises
    ------
    InputError
        `runs` is no folder.
    MissingPackageError
        The extra is not installed.
    OutputError
        The port is taken, or is not for this person to listen at.
    ParameterError
        `port` is not allowed.
    """
    if isinstance(port, bool) or not isinstance(cast(Any, port), int) or not 0 <= port <= 65535:
        raise ParameterError(f"studio: port={port!r} is not allowed; it is a whole number from 0 to 65535.")
    folder = Path(RUNS if runs is None else runs)
    if not folder.is_dir() and (runs is not None or folder.exists()):
        is_what = "is a file" if folder.exists() else "does not exist"
        raise InputError(f"{folder} {is_what}; give the folder that your runs are in, such as {RUNS}.")
    try:
        from .server import run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("latently"):
            raise
        raise MissingPackageError(
            f'the studio needs {error.name}, which is not installed; pip install "latently[studio]"'
        ) from error
    run(folder, host, port, browser)
