from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sklearn.datasets import load_digits

import latently

Call = Callable[..., Result]


def test_the_demo_leaves_everything_and_says_what_to_try(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    few = load_digits()
    few.images, few.target = few.images[:200], few.target[:200]  # all 1,797 take ten times as long
    monkeypatch.setattr("sklearn.datasets.load_digits", lambda: few)
    Path("latently-demo", "run").mkdir(parents=True)
    Path("latently-demo", "run", "run.json").write_text("an earlier demo, to be replaced")
    done = call("demo", "--epochs", 1)
    assert done.exit_code == 0, done.output
    run = latently.Run(Path("latently-demo", "run"))
    assert run.report_file.is_file()
    assert len(list(run.pictures.iterdir())) == 4
    tries = [line.split("  ")[1] for line in done.stdout.splitlines() if line.startswith("  latently ")]
    tries.remove("latently studio latently-demo")  # it would listen until Ctrl-C
    assert len(tries) == 3
    assert all(call(*line.split()[1:]).exit_code == 0 for line in tries), "what it says to try must work"


def test_a_folder_of_somebody_else_is_left_alone(call: Call, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("irreplaceable")
    done = call("demo", "--out", tmp_path)
    assert done.exit_code == 2
    assert "choose another folder" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
