import json

import numpy as np
import pytest

import latently


@pytest.fixture(scope="module")
def found(call, table, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "odd"
    done = call("fit", table, "--model", "anomaly-detector", "--kind", "zip=category", "--trim", 0.2, "--out", path)
    assert done.exit_code == 0, done.output
    return path, done


def test_a_detector_is_fitted_and_says_which_rates_it_can_keep(found):
    path, done = found
    assert "Fitted anomaly-detector to 60 items" in done.stdout
    assert "rates of false alarms from 0.0164 on can be kept" in done.stdout
    assert "latently anomalies" in done.stdout and "--rate 0.0164" in done.stdout
    detector = latently.load(path)
    assert (detector.trim, detector.codec_.columns[0].kind) == (0.2, "category")


def test_it_finds_the_odd_row_and_says_why(call, found, table, tmp_path):
    odd = tmp_path / "new.csv"
    odd.write_text(table.read_text("utf-8") + "\n3,90000,서울\n", "utf-8")
    done = call("anomalies", found[0], odd, "--rate", 0.05, "--json")
    assert done.exit_code == 0, done.output
    first = json.loads(done.stdout)["oddest"][0]
    assert first["item"] == "60" and first["flagged"] and first["why"].startswith("age 90")


def test_other_verbs_use_the_model_that_it_learned(call, found, table, tmp_path):
    done = call("encode", found[0], table, "-o", tmp_path / "codes.csv", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["latent"] == 32
    said = call("info", found[0])
    assert said.exit_code == 0 and "anomaly-detector" in said.stdout and "denoising" in said.stdout


def test_it_is_listed_with_what_only_it_can_be_told(call):
    listed = call("models").stdout
    assert "anomaly-detector (AnomalyDetector)" in listed and "--trim" in listed
    assert "Only anomaly-detector" in call("fit", "--help").stdout


def test_its_model_is_drawn_as_a_map(call, tmp_path):
    rows = np.random.default_rng(0).normal(size=(60, 3))
    np.save(tmp_path / "rows.npy", rows)
    path = latently.AnomalyDetector().fit(rows).save(tmp_path / "detector.safetensors")
    done = call("map", path, tmp_path / "rows.npy", "-o", tmp_path / "map.csv")
    assert done.exit_code == 0 and "a map of 60 items" in done.stdout, done.output


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--latent", 3], "--latent is no setting of anomaly-detector"),
        (["--trim", 2], "--trim 2.0 is not allowed; it is a number, from 0 to 0.9"),
        (["--resume"], "anomaly-detector is fitted in one go"),
        (["--over", "vea"], "model 'vea' is not known"),
        (["-m", "anomaly-detecter"], "(did you mean anomaly-detector?); it is one of ae,"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(call, table, tmp_path, flags, message):
    done = call("fit", table, "-m", "anomaly-detector", "-o", tmp_path / "run", *flags)
    assert done.exit_code != 0 and message in str(done.output) + str(done.exception)


def test_a_folder_with_something_in_it_is_left_alone(call, found, table):
    done = call("fit", table, "-m", "anomaly-detector", "-o", found[0])
    assert "is there and not empty" in str(done.output) + str(done.exception)
    done = call("fit", table, "-m", "anomaly-detector", "-o", table)
    assert "people.csv is a file, and a run is a folder" in str(done.output) + str(done.exception)
    done = call("report", found[0])
    assert "holds a model alone, without a training to tell of" in str(done.output) + str(done.exception)
