import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from PIL import Image

Call = Callable[..., Result]


def test_a_spelled_network(call: Call) -> None:
    done = call("anatomy", "--encoder", "dense32 relu", "--decoder", "dense784 sigmoid", "--input", "28x28x1")
    assert done.exit_code == 0, done.output
    assert "50,992" in done.stdout.splitlines()[-1]


def test_json_has_the_total_and_the_layers(call: Call) -> None:
    done = call("anatomy", "--encoder", "conv16:k5:s5:nobias flatten dense1:nobias", "--input", "1920x1080x3", "--json")
    found = json.loads(done.stdout)
    assert found["parameters"] == 1_200 + 1_327_104
    assert found["input"] == [1920, 1080, 3]
    assert [layer["shape"] for layer in found["layers"]] == [[384, 216, 16], [1_327_104], [1]]


def test_a_model_and_its_figures(call: Call, picture_run: Path, pictures: Path, tmp_path: Path) -> None:
    done = call("anatomy", picture_run, "-o", tmp_path / "a.png", "--json")
    assert done.exit_code == 0, done.output
    assert {layer["part"] for layer in json.loads(done.stdout)["layers"]} == {"encoder", "code", "decoder"}
    with Image.open(json.loads(done.stdout)["figure"]) as figure:
        assert figure.width > 500
    assert call("anatomy", picture_run, "--item", pictures, "-o", tmp_path / "b.png").exit_code == 0
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "b.png").read_bytes()


def test_the_anatomy_of_a_table_s_model(call: Call, table_run: Path, table: Path, tmp_path: Path) -> None:
    done = call("anatomy", table_run, "--item", table, "-o", tmp_path / "a.png")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give a MODEL, or a network with --encoder"),
        (["here", "--encoder", "relu"], "one of them"),
        (["here", "--input", "3"], "a MODEL knows its own"),
        (["--encoder", "relu"], "what a network reads has to be said"),
        (["--encoder", "rely", "--input", "3"], "did you mean relu?"),
        (["--encoder", "conv3", "--input", "3"], "it needs a picture"),
        (["--encoder", "relu", "--input", "3", "--item", "x.npy"], "give a MODEL"),
        (["--encoder", "relu", "--input", "3", "-o", "a.txt"], "figures go to .png"),
        (["--encoder", "dense99999999999", "--input", "3"], "whole number from 1 to 2,147,483,648"),
    ],
)
def test_what_cannot_be_listed_is_one_sentence(call: Call, arguments: list[str], message: str) -> None:
    done = call("anatomy", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr and done.stderr.count("\n") == 1
