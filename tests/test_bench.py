"""The long measurements cannot run here; what they have kept must be whole, and what they reached must not be lost."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from bench import growth, peers, record
from bench.data import FEW, made_up
from bench.speed import pairs, table
from bench.speed.protocol import Told, lost
from bench.speed.rows import ROWS

import latently

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results"
LONG = ("conv", "denoise", "dress", "nll", "vqvae", "frechet", "prose", "prose-character", "sentences", "sentiment")


def measured(name):
    return json.loads((RESULTS / f"quality-{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", LONG)
def test_a_long_measurement_says_how_it_was_made(name):
    kept = measured(name)
    assert kept["finished"]
    assert kept["seconds"] > 60, "this is no quick run"
    assert {"date", "machine", "versions", "seed", "settings", "results"} <= set(kept)
    assert kept["settings"]["epochs"] > 1


def test_the_convolutional_autoencoder_restores_as_well_as_its_model_in_keras():
    found = measured("conv")["results"]
    assert found["parameters"] == 28_353
    assert found["test BCE a pixel"] <= 0.0622


def test_variations_of_a_dress_are_dresses_and_differ():
    found = measured("dress")["results"]
    assert (found["parameters, encoder"], found["parameters, decoder"]) == (924_180, 933_281)
    assert found["the mean code's picture: called a dress"] == 1
    assert found["variations, s = 1.0: share called dresses"] >= 0.95
    assert found["variations, s = 1.0: mean distance between two"] > 5


def test_the_codebook_restores_as_well_as_its_model_in_keras_and_is_used():
    found = measured("vqvae")["results"]
    assert found["test MSE / train variance"] <= 0.0444
    assert found["share of the entries used by the test digits"] > 0.8


def test_drawn_digits_are_nearer_to_real_ones_than_pythaes_best():
    found = measured("frechet")["results"]
    ours = [d for name, d in found.items() if name.startswith("Latently VAE")]
    theirs = [d for name, d in found.items() if name.startswith("pythae")]
    assert found["classifier: accuracy"] > 0.98
    assert min(ours) < min(theirs)


def test_a_recurrent_model_tells_more_than_a_trigram():
    for name in ("prose", "prose-character"):
        found = measured(name)["results"]
        assert found["network, test"]["nats a token"] < found["trigram, test"]["nats a token"]
        losses = found["validation loss a token, by epoch"]
        assert min(losses) < losses[0]
    assert measured("prose-character")["results"]["network, test"]["nats a token"] <= 1.5


def test_the_code_of_a_text_is_used():
    found = measured("sentences")["results"]
    ours, peer = found["TextVAE, test"], found["LanguageModel, test"]
    assert ours["kl"] > 7
    assert ours["active_units"] > 20
    assert ours["nll"] < 1.03 * peer["nll"]


def test_codes_of_texts_tell_of_sentiment_what_words_tell():
    found = measured("sentiment")["results"]
    codes = found["LanguageModel"]["accuracy"]
    assert codes > found["TF-IDF of words"]["accuracy"] - 0.05
    assert (
        found["SVD of TF-IDF of syllables, 256 numbers"]["accuracy"] > found["TF-IDF of syllables"]["accuracy"] - 0.05
    )


def test_an_impossible_row_is_first_with_its_columns_named():
    found = measured("impossible")["results"]
    years = found.pop("one age of 99,999: years that imputed ages are off")
    assert years["learned with it"] < years["median"]
    assert {row["worst rank"] for row in found.values()} == {1}
    assert all(row["both columns named first"] >= 0.9 for row in found.values())


def quick(module, *more, cwd=ROOT, **env):
    """Runs a measurement as a person does, on few items; gives what it printed."""
    asked = [sys.executable, "-m", f"bench.{module}", "--quick", *more]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), **env}
    done = subprocess.run(asked, cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def quickly_found(name):
    return json.loads((RESULTS / "quick" / f"{name}.json").read_text("utf-8"))["results"]


PICTURES = [name for name, row in ROWS.items() if row.ours == "our_pictures" and not name.endswith("-torch")]
PARAMETERS = {"dense": 50_992, "deep": 117_840, "pooling": 3_369, "conv": 1_193_873}


def side(module, name, peer=None):
    return pairs.run(module, Told(name, epochs=2, threads=1, seed=0, quick=True), peer)


@pytest.mark.parametrize("name", PICTURES)
def test_our_side_of_a_row_of_digits_trains_the_network_of_the_row(name, shared):
    found = side("our_pictures", name)
    assert len(found["each"]) == 2
    assert found["items"] == FEW
    assert found["parameters"] == PARAMETERS.get(name, found["parameters"])
    assert 0 < found["quality"] < 1000
    assert (found["encode"] is None) == (ROWS[name].encode is None)
    assert found["multiply_adds"] > 0 < found["peak"]


def test_our_side_of_the_writer_foretells_words(shared):
    if not hasattr(latently, "LanguageModel"):
        pytest.skip("needs latently.LanguageModel")
    found = side("our_writer", "writer")
    assert len(found["each"]) == 2
    assert 0 < found["quality"] < np.log(7001), "better than any word at random"


def test_our_side_of_the_anomaly_tables_scores_each_of_them(shared):
    found = side("our_anomalies", "anomalies-ae-short")
    assert [line["table"] for line in found["each"]] == ["2_annthyroid", "4_breastw"]
    assert found["seconds"] == sum(line["seconds"] for line in found["each"])
    assert found["quality"] > 0.6, "anomalies are found"


@pytest.mark.parametrize("name", [n for n, row in ROWS.items() if not n.endswith(("-short", "-torch"))])
def test_a_peers_side_trains_the_same_network(name, shared):
    row = ROWS[name]
    if peers.python(row.peer) is None:
        pytest.skip(f"needs {row.peer}: python -m bench.peers {row.peer}")
    found = side(row.theirs, name, row.peer)
    assert len(found["each"]) == 2
    assert found.get("parameters") == PARAMETERS.get(name, found.get("parameters"))
    assert found["quality"] > 0


def test_the_sides_of_peers_are_python_and_import_nothing_of_ours():
    for module in {row.theirs for row in ROWS.values()} | {"protocol", "rows"}:
        tree = ast.parse((ROOT / "bench" / "speed" / f"{module}.py").read_text("utf-8"))
        named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        named |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert "latently" not in named, module
        assert not named & {"record", "peers", "pairs", "table"}, f"{module}: these are for our own environment"


def test_both_sides_measure_a_restored_picture_alike():
    T = np.array([[[0, 255], [128, 255]]], np.uint8)
    restored = np.array([[[0.1, 0.9], [0.5, 1.0]]], np.float32)
    assert lost("mse", T, restored) == pytest.approx((0.01 + 0.01 + (128 / 255 - 0.5) ** 2) / 4, rel=1e-5)
    bce = -2 * np.log(0.9) - np.log(0.5)
    assert lost("bce", T, restored) == pytest.approx(bce / 4, rel=1e-4)


def test_the_first_epoch_of_a_side_is_not_counted():
    lines = ['{"seconds": 9, "train_loss": 1}', "a word", *['{"seconds": 2, "train_loss": 1}'] * 2, '{"quality": 3}']
    assert pairs.read(lines) | {"each": None} == {"seconds": 2, "quality": 3, "each": None}


def test_the_ratio_of_a_row_is_the_median_of_its_pairs():
    def of(seconds, quality):
        return {"seconds": seconds, "quality": quality, "encode": seconds / 10, "each": []}

    made = [(of(1, 0.10), of(4, 0.11), 0.5), (of(2, 0.10), of(4, 0.09), 0.5), (of(1, 0.13), of(3, 0.10), 0.5)]
    found = pairs.summary(ROWS["dense"], made)
    assert found["ratio"] == found["encode: ratio"] == 3
    assert (found["ours: s"], found["peer: s"]) == (1, 4)
    assert not found["worse"]
    assert pairs.worse("bce", 0.102, 0.1)
    assert not pairs.worse("bce", 0.1004, 0.1), "as far apart as seeds"
    assert pairs.worse("auroc", 0.7, 0.8)
    assert not pairs.worse("auroc", 0.8, 0.7)


def a_row(**more):
    side = {"quality": 0.1, "encode": None, "each": []}
    found = pairs.summary(ROWS["deep"], [({"seconds": 1, **side}, {"seconds": 4, **side}, 0.1)] * table.PAIRS)
    return found | more


def test_the_table_says_where_a_row_is_not_won():
    assert table.verdict(a_row()) == "4.00"
    assert table.verdict(a_row(worse=True)) == "4.00 (worse loss)"
    assert table.verdict(a_row(ratio=2)) == "2.00 (less than asked)"
    assert table.verdict(a_row(pairs=1)) == "4.00 in 1 pair of runs"
    lines = table.markdown({"conv": a_row(), "deep": a_row()}).splitlines()
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1, "as many cells in every line"
    assert len(table.plain({"deep": a_row()}).splitlines()) == 2


def test_rows_are_put_among_those_that_were_measured_before(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "HERE", tmp_path)
    record.keep_rows("speed", {"a": {"ratio": 1}, "b": {"ratio": 2}})
    kept = record.keep_rows("speed", {"b": {"ratio": 3}})
    assert {name: row["ratio"] for name, row in kept.items()} == {"a": 1, "b": 3}
    assert all({"date", "machine", "versions"} <= set(row) for row in kept.values())
    assert json.loads((tmp_path / "results" / "speed.json").read_text())["results"] == kept
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["speed.json"]


def test_a_row_whose_peer_is_not_there_is_left_out_with_the_reason(tmp_path):
    env = {**os.environ, "LATENTLY_PEERS": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
    asked = [sys.executable, "-m", "bench.speed", "dense", "--quick"]
    done = subprocess.run(asked, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "dense: left out, for keras-tensorflow is not installed" in done.stderr


def test_an_environment_counts_only_when_it_is_whole_and_of_the_pinned_versions(tmp_path, monkeypatch):
    monkeypatch.delenv("LATENTLY_PEERS", raising=False)
    monkeypatch.setattr(peers, "ROOT", tmp_path)
    made = tmp_path / ".peers" / "pythae" / "bin" / "python"
    made.parent.mkdir(parents=True)
    made.touch()
    mark = tmp_path / ".peers" / "pythae" / ".ready"
    assert peers.python("pythae") is None
    mark.write_text("pythae==0.0.1\n")
    assert peers.python("pythae") is None
    mark.write_text("\n".join(peers.PEERS["pythae"]))
    assert peers.python("pythae") == made
    monkeypatch.setenv("LATENTLY_PEERS", str(tmp_path / ".peers"))
    mark.unlink()
    assert peers.python("pythae") == made, "ready ones are taken as they are"


@pytest.mark.parametrize("name", ["prose", "sentences", "sentiment"])
def test_what_is_measured_of_texts_runs_on_few(name, shared):
    if name == "sentiment":
        pytest.importorskip("tokenizers")
    said = quick(f"quality.{name}", "--threads", "1")
    assert f"quality-{name}.json" in said


def test_the_benches_of_writing_and_of_waiting_threads_run(shared):
    quick("writing", "--threads", "1")
    assert all(value > 0 for value in quickly_found("writing").values())
    quick("spin", "--threads", "1")
    assert quickly_found("spin")


def test_growth_measures_each_sweep_and_draws_it():
    quick("growth", "--threads", "1")
    found = quickly_found("growth")
    for name, (_, values, _) in growth.SWEEPS.items():
        points = found[f"{name}: s an epoch"]
        assert list(map(int, points)) == list(values[:2])
        assert all(seconds > 0 for seconds in points.values())
    assert (RESULTS / "quick" / "growth.png").read_bytes().startswith(b"\x89PNG")


def test_growth_that_is_linear_has_the_exponent_one():
    assert growth.exponent([(1, 5), (10, 3), (100, 30)]) == pytest.approx(1)


def test_memory_is_that_of_a_fresh_process_each():
    quick("memory", "--threads", "1")
    found = quickly_found("memory")
    assert found["allowed, MB"] == round(1.5 * FEW * 28 * 28 * 4 / 1e6 + 300)
    training = found["dense AE 784-32-784: peak, MB"]
    assert 50 < found["PyTorch imported: peak, MB"] < training


def test_the_bench_of_a_gpu_runs_on_the_cpu_too():
    quick("gpu", "--device", "cpu", "--batches", "256")
    found = {name: row for name, row in quickly_found("gpu").items() if "float32" in name}
    assert any("dense" in name for name in found) and any("VAE" in name for name in found)
    assert all(row["samples a second"] > 0 and row["share of the limit"] > 0 for row in found.values())


def test_made_up_pictures_are_white_with_a_black_disc():
    X = made_up(50, 28)
    assert X.shape == (50, 28, 28) and X.dtype == np.uint8
    assert set(np.unique(X)) == {0, 255}
    assert 0.02 < (X == 0).mean() < 0.6


def test_the_neighbours_bench_runs_on_few_codes():
    assert "2,000 codes of 16: ours, ms a query" in quick("neighbors")
    assert all(value > 0 for value in quickly_found("neighbors").values())
