import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import latently
from latently.cli import cli

Call = Callable[..., Result]


def process(*args: object) -> subprocess.CompletedProcess[str]:
    source = Path(latently.__file__).parents[1]
    return subprocess.run(
        [sys.executable, "-m", "latently", *map(str, args)],
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_exit_codes_of_the_process(tmp_path: Path) -> None:
    assert process("--version").returncode == 0
    done = process("info", tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr


def test_the_first_page_loads_no_torch() -> None:
    code = (
        "import sys, click.testing; from latently.cli import cli; "
        "assert click.testing.CliRunner().invoke(cli, ['--help']).exit_code == 0; "
        "print([m for m in ('torch', 'sklearn', 'polars', 'matplotlib', 'numpy') if m in sys.modules])"
    )
    source = Path(latently.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(source)}, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_every_command_has_a_page(call: Call) -> None:
    for name in cli.commands:
        page = call(name, "--help")
        assert page.exit_code == 0
        assert "Example" in page.stdout


def test_a_fault_of_ours_says_so(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: object) -> Any:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(latently, "describe", broken)
    done = call("info", "x")
    assert done.exit_code == 1
    assert "a fault of Latently's own" in done.stderr
    assert "LATENTLY_DEBUG=1" in done.stderr
    monkeypatch.setenv("LATENTLY_DEBUG", "1")
    assert isinstance(call("info", "x").exception, ZeroDivisionError)


def test_warnings_are_notes_said_once(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def warned(path: object) -> Any:
        for _ in range(2):
            warnings.warn("3 files were skipped.", latently.LatentlyWarning, stacklevel=1)
        for some in ("5 of 9", "1 of 3"):
            warnings.warn(f"{some} texts were cut.", latently.LatentlyWarning, stacklevel=1)
        warnings.warn("library talk", DeprecationWarning, stacklevel=1)
        raise KeyboardInterrupt

    monkeypatch.setattr(latently, "describe", warned)
    done = call("info", "x")
    assert done.exit_code == 130
    assert done.stderr.split("\n") == [
        "Note: 3 files were skipped.",
        "Note: 5 of 9 texts were cut.",
        "",
        "Stopped.",
        "",
    ]
