"""What a person calls items of a run: labels of their own, kept in the run's folder as a table that others can read."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from unicodedata import category

import latently

if TYPE_CHECKING:
    from .opened import Opened

FILE = "studio-labels.csv"
HEAD = ["row", "name", "label"]
LONGEST = 80  # characters of a label
MANY = 1_000  # labels
CONTROL = {"Cc", "Cs", "Zl", "Zp"}  # control characters, halves of one, and the two that break lines

_writing = Lock()  # two pages may give labels at once


class Own:
    """Labels that were given in the studio, one an item at most; rows are those of the whole data.

    Parameters
    ----------
    run
        The run, whose data's own labels stay as they are.
    """

    def __init__(self, run: Opened) -> None:
        self.run = run
        self.path: Path = run.path / FILE

    def each(self) -> list[str | None]:
        """The label of every item that is looked at; None where it has none."""
        given = self._read()
        return [given.get(row) for row in self.run.rows.tolist()]

    def give(self, rows: list[int], label: str) -> dict[str, int]:
        """Calls items (rows of those that are looked at) so, or nothing where `label` is ""; gives how many have which.

        Raises
        ------
        InputError
            The label is too long or has line breaks, or the file is none that the studio wrote.
        OutputError
            The file cannot be written.
        """
        import polars as pl

        self.run.only(rows)
        label = label.strip()
        if len(label) > LONGEST:
            raise latently.InputError(
                f"the label has {len(label)} characters; {LONGEST} at most are allowed: give a shorter one."
            )
        if wrong := [sign for sign in label if category(sign) in CONTROL]:
            raise latently.InputError(
                f"the label holds {wrong[0]!r}; a label is one line without control characters: leave it out."
            )
        with _writing:
            given = self._read()
            for row in self.run.rows[rows].tolist():
                given.pop(row, None)
                if label:
                    given[row] = label
            counts = Counter(given.values())
            if len(counts) > MANY:
                raise latently.InputError(f"there are {MANY:,} labels already; use one of them.")
            names, order = self.run.whole.names, sorted(given)
            cells = {"row": order, "name": [names[row] for row in order], "label": [given[row] for row in order]}
            latently.write(self.path, pl.DataFrame(cells))
        return dict(counts)

    def _read(self) -> dict[int, str]:
        """Label by row.

        Raises
        ------
        InputError
            The file is not the studio's, or was written of other data.
        """
        if not self.run.path.is_dir() or not self.path.exists():
            return {}
        names = self.run.whole.names
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                head, *lines = csv.reader(file)
            given = {int(row): (name, label) for row, name, label in lines}
            whole = head == HEAD and all(0 <= row < len(names) for row in given)
        except (OSError, ValueError):
            given, whole = {}, False
        if not whole or any(names[row] != name for row, (name, _) in given.items()):
            raise latently.InputError(
                f"{self.path} holds no labels of these items, or the data have changed; move it elsewhere."
            )
        return {row: label for row, (_, label) in given.items()}
