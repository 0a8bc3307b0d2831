"""The bar: there on a terminal, silent elsewhere, and never in the way of what it counts."""

import io
import sys

from latently.progress import track


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_silent_without_a_terminal(capsys):
    assert list(track(range(3), 3, "Counting")) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert list(track((i for i in range(3)), None, "Counting")) == [0, 1, 2]
    assert "Counting" in sys.stderr.getvalue()
