"""What the documents say is executed, and what they claim to have measured was."""

import json
import re
import warnings
from pathlib import Path

import pytest
from bench import readme

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results"


def blocks(page):
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)


def test_the_readmes_first_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(blocks("README.md")[0].replace("epochs=30", "epochs=2"), names)
    assert names["codes"].shape == (1797, 8)
    assert names["new"].shape == (16, 8, 8)
    assert (tmp_path / "digits.safetensors").exists()


@pytest.mark.parametrize(
    ("page", "count"), [("README.md", "All {}"), ("README.ko.md", "{}개"), ("CHANGELOG.md", "- {} models")]
)
def test_every_model_is_named_and_counted(page, count):
    import latently

    text = (ROOT / page).read_text("utf-8")
    assert count.format(len(latently.MODELS)) in text
    assert not [model.__name__ for model in latently.MODELS.values() if f"`{model.__name__}`" not in text]


@pytest.mark.parametrize("page", ["docs/codes.md", "docs/data.md"])
def test_the_pages_of_the_guide_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(
        "age,pay\n" + "".join(f"{20 + i % 50},{i % 7}.5\n" for i in range(100)), "utf-8"
    )
    names: dict = {}
    exec("import latently\n" + re.sub(r"epochs=\d+", "epochs=2", "\n".join(blocks(page))), names)
    if page == "docs/codes.md":
        assert names["writer"].write("the cat", max_words=2, seed=0).startswith("the cat")
        assert len(names["found"].table()) == 300


def test_the_networks_of_the_guide_can_be_built():
    import numpy as np

    import latently

    digits = np.random.default_rng(0).integers(0, 255, (20, 28, 28)).astype(np.uint8)
    for line in blocks("docs/networks.md")[0].splitlines():
        eval(line.removesuffix(")") + ", epochs=1)", {"latently": latently}).fit(digits)


def test_the_page_on_extending_runs():
    (block,) = blocks("docs/extending.md")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(block, {"__name__": "page"})


def test_a_model_of_the_page_is_everywhere_once_it_is_in_the_table(tmp_path, monkeypatch):
    import numpy as np
    from click.testing import CliRunner

    import latently
    from latently.cli import cli, flags

    (block,) = blocks("docs/extending.md")
    page: dict = {"__name__": "page"}
    exec(block, page)
    monkeypatch.setitem(latently.MODELS, "squeezed", page["SqueezedAE"])
    flags.generated.cache_clear()
    try:
        np.save(tmp_path / "x.npy", page["X"])
        run = [str(tmp_path / name) for name in ("x.npy", "run", "codes.csv")]
        fit = [
            "fit",
            run[0],
            "--model",
            "squeezed",
            "--latent",
            "2",
            "--softness",
            "2",
            "--epochs",
            "2",
            "--out",
            run[1],
        ]
        for command in (fit, ["encode", run[1], run[0], "-o", run[2]], ["models"]):
            result = CliRunner().invoke(cli, command, catch_exceptions=False)
            assert result.exit_code == 0, result.output
        assert "--softness" in result.output
        assert latently.load(run[1]).softness == 2
    finally:
        flags.generated.cache_clear()


def measured(name):
    return json.loads((RESULTS / f"{name}.json").read_text())["results"]


@pytest.mark.parametrize(
    ("result", "key"),
    [
        ("startup", "import latently, s"),
        ("startup", "latently --help, s"),
        ("quality-dense", "MNIST dense 784-32-784, 10 epochs: test BCE a pixel"),
        ("quality-digits", "MNIST AE, 32 codes, default network: accuracy"),
        ("quality-digits", "MNIST VAE, 32 codes, default network: accuracy"),
        ("quality-adult", "adult, 108 one-hot columns: accuracy"),
        ("quality-adult", "adult AE, 32 codes: accuracy"),
        ("quality-adult", "adult VAE, 32 codes: accuracy"),
        ("quality-conv", "test BCE a pixel"),
        ("quality-dress", "variations, s = 0.7: share called dresses"),
        ("quality-denoise", "test BCE a pixel"),
        ("quality-nll", "test NLL, nats"),
        ("quality-vqvae", "test MSE / train variance"),
        ("quality-vqvae", "share of the entries used by the test digits"),
        ("quality-frechet", "Latently RAE, mixture prior"),
        ("quality-frechet", "Latently VAE, mixture prior"),
        ("quality-frechet", "pythae RAE-L2, mixture"),
        ("quality-frechet", "pythae VAE, mixture"),
    ],
)
def test_the_readme_says_what_was_measured(result, key):
    table = (ROOT / "README.md").read_text("utf-8").partition("Measured by")[2]
    assert re.search(rf"(?<![\d.]){re.escape(str(measured(result)[key]))}(?![\d])", table), key


def test_the_figures_of_the_readme_are_those_that_were_measured_last():
    text = (ROOT / "README.md").read_text("utf-8")
    assert readme.renewed(text) == text, "stale: python -m bench.readme"


def test_the_readme_says_what_is_not_reached_and_leaves_out_what_was_not_measured(tmp_path):
    def kept(**results):
        (tmp_path / "startup.json").write_text(json.dumps({"results": results}))

    kept(**{"import latently, s": 0.31})
    assert "| `import latently` | 0.31 s, not reached | asked: under 0.3 s |" in readme.block(tmp_path)
    assert "--help" not in readme.block(tmp_path)
    kept(**{"import latently, s": 0.02})
    assert "| `import latently` | 0.02 s | asked: under 0.3 s |" in readme.block(tmp_path)


def test_measured_targets_are_met():
    assert measured("quality-dense")["MNIST dense 784-32-784, 10 epochs: test BCE a pixel"] <= 0.098
    assert measured("quality-conv")["test BCE a pixel"] <= 0.0622
    assert measured("quality-dress")["variations, s = 0.7: share called dresses"] >= 0.95
    assert measured("quality-vqvae")["test MSE / train variance"] <= 0.0444
    assert measured("quality-vqvae")["share of the entries used by the test digits"] > 0.8
    samples = measured("quality-frechet")
    theirs = min(distance for name, distance in samples.items() if name.startswith("pythae"))
    assert all(min(v for k, v in samples.items() if k.startswith(f"Latently {m}")) < theirs for m in ("VAE", "RAE"))
    for name in ("AE", "VAE"):
        assert measured("quality-digits")[f"MNIST {name}, 32 codes, default network: accuracy"] >= 0.90
        lost = measured("quality-adult")["adult, 108 one-hot columns: accuracy"]
        assert lost - measured("quality-adult")[f"adult {name}, 32 codes: accuracy"] <= 0.02


def test_every_link_between_the_documents_leads_somewhere():
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
