"""`latently write`, and what `fit` and `evaluate` say of a model of texts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import latently
from latently.explore.judging.finding import short

Call = Callable[..., Result]


def test_fit_ends_with_a_model_its_health_and_a_report(text_run: Path) -> None:
    assert latently.load(text_run).name == "language-model"
    health = json.loads((text_run / "health.json").read_text("utf-8"))
    assert health["worst"] is None and 1 < health["perplexity"] < health["frequency_perplexity"]
    page = (text_run / "report.html").read_text("utf-8")
    assert f"Perplexity {short(health['perplexity'])}" in page
    assert page.count("the cat") + page.count("the dog") > 5  # what it wrote, and what it found likely and odd
    assert (text_run / "pictures" / "loss.png").stat().st_size > 1000


def test_a_text_is_written(call: Call, text_run: Path) -> None:
    done = call("write", text_run, "--prompt", "the dog", "--seed", 1)
    assert done.exit_code == 0, done.output
    assert done.stdout == latently.load(text_run).write("the dog", seed=1) + "\n"


def test_words_are_shown_as_they_come(call: Call, text_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("latently.cli.write.click.echo", lambda text="", nl=True: shown.append(text))
    assert call("write", text_run, "--prompt", "the cat", "--temperature", 0).exit_code == 0
    assert shown[:2] == ["the cat", " sat"] or shown[:2] == ["the cat", " ran"]
    assert len(shown) >= 6


@pytest.mark.parametrize(
    "flags", [["-n", 3, "--seed", 2], ["--beams", 4, "-n", 3], ["-n", 3, "--top-k", 1], ["-n", 3, "--top-p", 0.5]]
)
def test_several_are_written_a_line_each(call: Call, text_run: Path, flags: list[object]) -> None:
    done = call("write", text_run, "-p", "the", "--max-words", 4, *flags)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert len(lines) == 3 and all(line.startswith("the ") for line in lines)


def test_texts_can_be_read_by_a_program(call: Call, text_run: Path) -> None:
    found = json.loads(call("write", text_run, "-n", 2, "--seed", 3, "--json").stdout)
    assert found == {"prompt": "", "texts": latently.load(text_run).write(n=2, seed=3)}


def test_unknown_words_are_told_on_the_side(call: Call, text_run: Path) -> None:
    done = call("write", text_run, "-p", "zebra", "--temperature", 0)
    assert done.stderr == "Note: Not in the vocabulary, and read as <unk>: zebra.\n"
    assert done.exit_code == 0 and done.stdout.startswith("zebra ")


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--temperature", -1], "--temperature -1.0 is not allowed; it is a number, at least 0"),
        (["--temperature", "hot"], "--temperature hot is not allowed"),
        (["--top-k", 0], "--top-k 0 is not allowed"),
        (["-n", 0], "'-n': 0 is not in the range x>=1"),
        (["--beams", 2, "--seed", 1], "--beams 2 looks for the likeliest text and draws nothing"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(call: Call, text_run: Path, flags: list[object], sentence: str) -> None:
    done = call("write", text_run, *flags)
    assert done.exit_code == 2 and sentence in done.stderr
    assert done.stdout == ""


def test_a_model_of_other_data_writes_nothing(call: Call, table_run: Path) -> None:
    done = call("write", table_run)
    assert done.exit_code == 2 and "holds a model, ae, which writes no texts; give a language-model" in done.stderr


def test_how_likely_texts_are_is_measured(call: Call, text_run: Path) -> None:
    found = json.loads(call("evaluate", text_run, text_run.parent / "lines.txt", "--json").stdout)
    assert 1 < found["perplexity"] < 4 and 0 < found["bits_per_character"] < 2 and found["unknown"] == 0
    page = call("evaluate", text_run, text_run.parent / "lines.txt").stdout
    assert "perplexity" in page and "bits a character" in page


def test_the_flags_are_what_can_be_asked(call: Call) -> None:
    page = call("write", "--help").stdout
    assert all(f"--{name.replace('_', '-')}" in page for name in latently.parameters(latently.Writing) if name != "n")


def test_info_tells_what_it_is(call: Call, text_run: Path) -> None:
    done = call("info", text_run)
    assert done.exit_code == 0 and "embed8:v" in done.stdout and "texts by word" in done.stdout


def test_samples_go_to_a_file_of_texts(call: Call, text_run: Path, tmp_path: Path) -> None:
    done = call("sample", text_run, "-n", 5, "--seed", 0, "-o", tmp_path / "new.txt")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "new.txt").read_text("utf-8").splitlines() == latently.load(text_run).sample(5, seed=0)
    refused = call("sample", text_run, "-o", tmp_path / "new.csv")
    assert refused.exit_code == 2 and "texts go to .txt, .jsonl; choose another --out." in refused.stderr


def test_nothing_is_restored_from_no_code(call: Call, text_run: Path, tmp_path: Path) -> None:
    done = call("reconstruct", text_run, text_run.parent / "lines.txt", "-o", tmp_path / "back.txt")
    assert done.exit_code == 2 and "restores nothing: its code of a text is empty" in done.stderr


def test_mean_states_are_written_as_codes(call: Call, text_run: Path, tmp_path: Path) -> None:
    done = call("encode", text_run, text_run.parent / "lines.txt", "-o", tmp_path / "codes.csv", "--json")
    assert json.loads(done.stdout)["latent"] == 16
