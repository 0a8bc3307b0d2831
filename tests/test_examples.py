"""Every example runs on its small data, prints the numbers it promises, and draws pictures that show something."""

import ast
import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

EXAMPLES = Path(__file__).parent.parent / "examples"
SCRIPTS = sorted(p.stem for p in EXAMPLES.glob("[!_]*.py"))
ALLOWED = {
    "PIL",
    "_common",
    "argparse",
    "collections",
    "latently",
    "numpy",
    "pathlib",
    "polars",
    "sklearn",
    "sys",
    "time",
    "torch",
    "lightgbm",
}
ALLOWED |= {"__future__", "csv", "random", "typing"}


class Printed(str):
    """What an example printed; its rows by their first cell."""

    def row(self, name):
        """The numbers of the row that begins with `name`."""
        found = re.findall(rf"^{re.escape(name)} {{2,}}(.*)$", self, re.MULTILINE)
        assert len(found) == 1, (name, self)
        cells = re.split(r" {2,}", found[0].strip())
        return [float(c.strip("%").replace(",", "")) for c in cells if re.fullmatch(r"[\d.,]+%?", c)]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs an example as from the command line; gives what it printed, after a look at its pictures."""

    def run(name, *pictures, beside=()):
        monkeypatch.syspath_prepend(str(EXAMPLES))
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", [f"{name}.py", "--quick"])
        runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
        files = [p for p in (tmp_path / "examples-out" / name).iterdir() if p.name not in beside]
        made = {p.stem: np.asarray(Image.open(p).convert("L")) for p in files}
        assert made.keys() == set(pictures)
        assert all(picture.std() > 10 for picture in made.values())
        return Printed(capsys.readouterr().out)

    return run


def test_swiss_roll(run):
    said = run("swiss_roll", "swiss_roll")
    assert said.row("AE")[0] == 17
    assert said.row("deep AE")[0] == 41
    for flat in ("PCA", "AE", "deep AE"):  # straight ways do not unroll
        assert 0.7 < said.row(flat)[-2] < 0.95 < said.row("Isomap")[0]
        assert 0.5 < said.row(flat)[-1] < 1


def test_denoising(run):
    said = run("denoising", "tiles", "whole")
    assert said.row("plain network")[0] == 2_959_944 + 2_961_803
    assert said.row("noisy")[-1] < 13 < 15 < said.row("U-Net")[-1]
    assert said.row("nearest patches")[-1] > 18


def test_compression(run):
    said = run("compression", "dense", "convolutional")
    assert said.row("dense")[0] == 117_840
    assert said.row("convolutional")[0] == 1_193_873
    assert min(said.row(name)[-1] for name in ("dense", "convolutional")) > 20  # decibels; the mean picture: 12


def test_representatives(run):
    said = run("representatives", "representatives", "variations")
    assert "1,857,461 parameters" in said
    right, classes = map(int, re.search(r"(\d+) of (\d+) mean codes", said).groups())
    assert right >= 0.9 * classes
    called, apart = zip(*(said.row(f"disturbed by {s}") for s in ("0.25", "0.5", "0.75", "1")), strict=True)
    assert min(called) >= 95
    assert list(apart) == sorted(apart)
    assert 1 < apart[-1] < 1.2 * said.row("real members")[0]


def test_upsampling(run):
    said = run("upsampling", "autoencoders", "upsamplings", "matrices")
    assert said.row("pooling")[:2] == [3_369, 64]
    assert said.row("transposed")[:2] == [3_369, 36]
    assert max(said.row(name)[2] for name in ("pooling", "transposed")) < 0.22  # the mean picture: 0.25
    assert "max unpooling\n[[9 0 0 0]\n [0 0 0 8]\n [0 5 0 0]\n [0 0 4 0]]" in said
    assert "transposed conv.\n[[36 18 32 16]\n [18  9 16  8]\n [20 10 16  8]\n [10  5  8  4]]" in said
    assert "the convolution's, transposed: True" in said


def test_layers(run):
    said = run("layers", "layers", "receptive_fields", "hourglass")
    assert [int(n) for n in re.findall(r"^total +([\d,]+) ", said.replace(",", ""), re.MULTILINE)] == [6, 13, 1_328_304]
    assert re.search(r"conv16:k5.* 1,200 ", said)
    assert re.search(r"dense1:nobias .* 1,327,104 ", said)
    assert said.row("kernels of 3") == [3, 5, 7, 9, 11]


def test_ae_vae(run):
    said = run("ae_vae", "codes")
    found = re.findall(r"^(AE|VAE) +([\d.]+) +([-\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)$", said, re.MULTILINE)
    ae, vae = ([float(n) for n in row[1:]] for row in found)
    assert ae[0] > 2 * vae[0]  # spread: the VAE's prior holds its codes together
    assert 0.5 < vae[0] < 2
    assert min(ae[3], vae[3]) > 0.75
    assert min(ae[4], vae[4]) > 0.9


def test_gan(run):
    said = run("gan", "gan", "lsgan", "conditional_gan", "losses")
    for name in ("GAN", "LSGAN", "conditional GAN"):
        generator, critic, both = said.row(name)[:3]
        assert generator > 0 and critic > 0
        assert both == pytest.approx(generator + critic, abs=2e-3)
    assert int(re.search(r"real digits: (\d+)%", said)[1]) > 50


def test_arithmetic(run):
    said = run("arithmetic", "axes", "between", "difference")
    (four, no_nine), (no_four, nine) = said.row("t = 0"), said.row("t = 1")
    assert four > 90 > 10 > no_nine
    assert no_four < 10
    assert nine > 40


@pytest.mark.filterwarnings("ignore::latently.errors.LatentlyWarning")  # lines left out, texts cut
def test_words(run, tmp_path):
    said = run("words", "words", beside=("vectors.txt",))
    assert "32,000 weights and makes (2, 5) -> (2, 5, 32)" in said
    assert "wherever it stands: True" in said
    before, after = map(float, re.search(r"held-out loss: ([\d.]+) .*, ([\d.]+) after", said).groups())
    assert after < 0.9 * before
    assert len(re.findall(r"^\w+ +\w+.*, .+ {3}\d\.\d{4}$", said, re.MULTILINE)) >= 3
    count, size = (tmp_path / "examples-out/words/vectors.txt").read_text("utf-8").splitlines()[0].split()
    assert 20 < int(count) <= 997 and size == "32"


@pytest.mark.filterwarnings("ignore::latently.errors.LatentlyWarning")
def test_prose(run):
    said = run("prose", "loss")
    assert len(re.findall(r"^(?:always|as likely|bolder|of the|the likeliest).* i love", said, re.MULTILINE)) == 5
    assert 1 < float(re.search(r"perplexity (\d+)", said)[1]) < 400  # of about 4,000 words
    assert sum(float(p) for p in re.findall(r"^\S+ {3,}(0\.\d{4})$", said, re.MULTILINE)) < 1


@pytest.mark.filterwarnings("ignore::latently.errors.LatentlyWarning")
def test_korean(run):
    said = run("korean", "loss")
    assert 0 < float(re.search(r"([\d.]+) bits a character", said)[1]) < 8
    assert re.search(r"^'이 영화' +이 영화", said, re.MULTILINE)
    assert len(re.findall(r"^\S {5,}\S( \S){5}$", said, re.MULTILINE)) >= 3


def test_sentences(run):
    said = run("sentences", "health")
    assert said.row("mutual information, nats")[0] > 2
    assert said.row("words that come back")[0] > said.row("and of another sentence")[0] + 0.3
    (way,) = re.findall(r"from one to the other:\n((?:.+\n){7})", said)
    assert len(set(way.splitlines())) > 2


@pytest.mark.filterwarnings("ignore:the .* held-out windows overlap")  # as of any series of a few years
def test_series(run):
    said = run("series", "years", "odd")
    assert said.row("years that come back, R²")[0] > 0.8
    assert said.row("prices that come back, R²")[0] > 0.85
    (first,) = re.findall(r"when prices were odd:\n(.*)", said)
    assert first.startswith("2021-09-") and "steel" in first


def test_sentiment(run):
    said = run("sentiment", "loss")
    for name in ("TF-IDF of words", "LanguageModel's mean states", "TextVAE's codes"):
        assert said.row(name)[0] > 0.7, name


def test_votes(run):
    said = run("votes", "accuracy")
    pixels = said.row("raw pixels")
    assert len(pixels) == 2 and min(pixels) > 0.8  # logistic regression, LightGBM
    for way in ("codes", "codes, mirrored", "codes, mirrored, voted"):
        assert min(said.row(way)) > 0.6, way


def test_every_example_is_tested_and_listed():
    assert [f"test_{name}" in globals() for name in SCRIPTS] == [True] * len(SCRIPTS)
    listed = re.findall(r"^\| \[(\w+)\.py\]", (EXAMPLES / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == SCRIPTS


@pytest.mark.parametrize("name", [*SCRIPTS, "_common"])
def test_examples_stand_on_the_public_api_alone(name):
    text = (EXAMPLES / f"{name}.py").read_text("utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} <= ALLOWED
        elif isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] in ALLOWED - {"latently"}
    assert not re.search(r"latently(\.\w+)*\._|\w+_\.(encoder|decoder|bottleneck)", text)
