"""What the command line says: results on stdout; notes, and one sentence about what went wrong, on stderr."""

from __future__ import annotations

import json
import os
import re
import sys
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import click

import latently

from .flags import as_flags

_PART = re.compile(r"\d[\d,]* of \d[\d,]*")  # so many of so many items
DONE, FAULT, MISTAKE, STOPPED = 0, 1, 2, 130


class Stopped(click.ClickException):
    """Ctrl-C, with a word on what is kept and how to go on."""

    exit_code = STOPPED


class Speaking(click.Group):
    """A group of commands, listed in the order of use, whose failures are one sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx  # click's signature
        return list(self.commands)

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        if not standalone_mode:
            return super().main(*args, standalone_mode=False, **extra)
        with _notes():
            sys.exit(_exit_code(lambda: super(Speaking, self).main(*args, standalone_mode=False, **extra)))


def _exit_code(run: Callable[[], Any]) -> int:
    try:
        code = run()
    except Stopped as stopped:
        click.echo(f"\n{stopped.message}", err=True)
        return STOPPED
    except click.exceptions.NoArgsIsHelpError as shown:
        click.echo(shown.format_message())
        return MISTAKE
    except click.ClickException as mistake:
        _debug()
        click.echo(f"Error: {_sentence(mistake)}", err=True)
        return MISTAKE
    except latently.LatentlyError as mistake:
        _debug()
        click.echo(f"Error: {as_flags(str(mistake))}", err=True)
        return MISTAKE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)  # click has ended the line on which the terminal shows ^C
        return STOPPED
    except Exception as fault:
        _debug()
        about = str(fault).splitlines()
        click.echo(
            f"Error: a fault of Latently's own, not yours ({type(fault).__name__}{': ' + about[0] if about else ''}); "
            "run the command again with LATENTLY_DEBUG=1 set to see where, and please report it.",
            err=True,
        )
        return FAULT
    return code if isinstance(code, int) else DONE


def _sentence(mistake: click.ClickException) -> str:
    text = " ".join(mistake.format_message().split())
    if isinstance(mistake, click.UsageError) and mistake.ctx is not None:
        return f"{text.rstrip('.')}; see: {mistake.ctx.command_path} --help"
    return text


def _debug() -> None:
    if os.environ.get("LATENTLY_DEBUG"):
        raise


@contextmanager
def _notes() -> Generator[None]:
    """Latently's warnings as notes, each once, of whichever part of the items; those of libraries when debugging."""
    said = set[str]()

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        del place, more  # where in the code: nothing to a person
        text = str(message)
        what = _PART.sub("", text)
        if issubclass(category, latently.LatentlyWarning) and what not in said:
            said.add(what)
            click.echo(f"Note: {as_flags(text)}", err=True)

    with warnings.catch_warnings():
        if not os.environ.get("LATENTLY_DEBUG"):
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", latently.LatentlyWarning)
            warnings.showwarning = show
        yield


def show(as_json: bool, data: Any, text: str) -> None:
    """The result, for a program or for a person."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2) if as_json else text)


def table(items: list[Any]) -> str:
    """Rows under their columns' names, where they have some.

    >>> print(table([{"age": 31.25, "town": "Jeju"}, {"age": 4.0, "town": None}]))
    age    town
    31.25  Jeju
    4
    >>> print(table([[1.0, 2.5]]))
    1  2.5
    """
    named = isinstance(items[0], dict)
    cells = [[_cell(value) for value in (row.values() if named else row)] for row in items]
    lines = [[*items[0]], *cells] if named else cells
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else " ".join(str(value).split())


def columns(rows: list[tuple[str, str]], indent: int = 2) -> str:
    """Two columns of text, the first as wide as it needs.

    >>> print(columns([("a", "first"), ("long", "second")]))
      a     first
      long  second
    """
    width = max((len(first) for first, _ in rows), default=0)
    return "\n".join(f"{'':{indent}}{first:{width}}  {second}".rstrip() for first, second in rows)


json_flag: Any = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON, for a program to read."
)
