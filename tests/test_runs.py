"""A run can be killed at any moment and ends with the weights of one left alone."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_digits

import latently
from latently import runs, store

SCRIPT = """
import sys, torch, latently
from latently import runs
torch.set_num_threads(1)
runs.CHECKPOINT_EVERY = 0.05
out, data, resume = sys.argv[1:]
run = latently.Run(out)
model = latently.VAE(latent=4, epochs=25, warmup=100, patience=0)
for event in run.resume() if resume == "yes" else run.fit(model, data):
    print(event["epoch"], flush=True)
"""


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "digits.npy"
    np.save(path, load_digits().images.astype(np.uint8)[:500])
    return path


def start(out, data, resume):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, out, data, "yes" if resume else "no"], stdout=subprocess.PIPE, text=True
    )


def test_a_series_of_a_file_larger_than_free_memory_goes_on_as_it_began(tmp_path, monkeypatch):
    rows = np.random.default_rng(0).normal(size=(200, 2))
    pl.DataFrame(rows, schema=["a", "b"]).write_csv(tmp_path / "series.csv")
    monkeypatch.setattr("latently.data.memory.free", lambda: 1000)
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(latent=2, epochs=1, memory=0), tmp_path / "series.csv", window=8))
    assert len(run.open()) == 193 and run.open().fingerprint() == run.settings["fingerprint"]
    assert [event["epoch"] for event in run.resume(epochs=2)] == [2]


def weights(path):
    return {name: t for name, t in store.read(path)[1].items() if name.startswith("module.")}


def test_a_killed_run_ends_with_exactly_the_same_weights(tmp_path, data):
    killed, pauses = tmp_path / "killed", [0.1, 0.03, 0.3]
    with start(tmp_path / "alone", data, False) as alone:
        for attempt, pause in enumerate(pauses):
            with start(killed, data, attempt > 0) as process:
                process.stdout.readline()  # at least one epoch was told
                time.sleep(pause)
                process.send_signal(signal.SIGKILL)
                assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"
        with start(killed, data, True) as process:
            assert process.wait() == 0
        assert alone.wait() == 0
    one, two = (weights(path / "model.safetensors") for path in (tmp_path / "alone", killed))
    assert one.keys() == two.keys()
    assert all(np.array_equal(one[name], two[name]) for name in one)
    events = [json.loads(line) for line in (killed / "events.jsonl").read_text().splitlines()]
    assert [event["epoch"] for event in events] == list(range(1, 26))


def test_a_run_killed_before_its_first_checkpoint_starts_over(tmp_path, data):
    run, model = latently.Run(tmp_path / "run"), latently.AE(latent=2, epochs=3)
    list(run.fit(model, data))
    expected = weights(run.model_file)
    run.model_file.unlink()
    run.checkpoint_file.unlink()
    list(run.resume())
    assert all(np.array_equal(a, b) for a, b in zip(expected.values(), weights(run.model_file).values(), strict=True))


def test_more_epochs_go_on_from_the_end(tmp_path, data):
    long, short = latently.Run(tmp_path / "long"), latently.Run(tmp_path / "short")
    list(long.fit(latently.AE(latent=2, epochs=6, patience=0), data))
    list(short.fit(latently.AE(latent=2, epochs=3, patience=0), data))
    assert [event["epoch"] for event in short.resume(epochs=6)] == [4, 5, 6]
    pairs = zip(weights(long.model_file).values(), weights(short.model_file).values(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)
    assert short.settings["params"]["epochs"] == 6


def test_a_run_keeps_what_was_asked(tmp_path, data):
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.VAE(latent=2, epochs=2, beta=0.5), data))
    settings = run.settings
    assert (settings["model"], settings["params"]["beta"], settings["data"]) == ("vae", 0.5, str(data))
    assert len(run.open()) == 500
    assert run.load().history_ == [json.loads(line) for line in run.events_file.read_text().splitlines()]


def test_other_data_are_refused(tmp_path, data):
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(latent=2, epochs=1), data))
    with pytest.raises(latently.InputError, match="their contents differ"):
        next(run.resume(np.load(data)[::-1]))


def test_data_in_memory_must_be_handed_over_again(tmp_path):
    X = np.random.default_rng(0).normal(size=(30, 3))
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(latent=2, epochs=1), X))
    with pytest.raises(latently.ModelFileError, match="data in memory"):
        next(run.resume(epochs=3))
    assert [e["epoch"] for e in run.resume(X, epochs=3)] == [2, 3]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, data):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(latently.OutputError, match="not empty"):
        next(latently.Run(tmp_path).fit(latently.AE(), data))
    assert os.listdir(tmp_path / ".") and (tmp_path / "mine.txt").read_text() == "precious"


def test_a_mistake_leaves_no_half_made_run(tmp_path, data):
    run = latently.Run(tmp_path / "run")
    with pytest.raises(latently.ParameterError):
        next(run.fit(latently.AE(latent=-1), data))
    list(run.fit(latently.AE(latent=1, epochs=1), data))
    assert run.model_file.exists()


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path, data):
    (tmp_path / "file").write_text("")
    with pytest.raises(latently.OutputError, match="is a file, not a folder"):
        next(latently.Run(tmp_path / "file" / "run").fit(latently.AE(), data))


def test_what_is_no_run_is_a_sentence(tmp_path, data):
    with pytest.raises(latently.ModelFileError, match="is not a run folder"):
        next(latently.Run(tmp_path / "nothing").resume())
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(latent=2, epochs=1), data))
    run.settings_file.write_text("{}")
    with pytest.raises(latently.ModelFileError, match="does not say what"):
        next(run.resume())
    run.settings_file.write_text("{nonsense")
    with pytest.raises(latently.ModelFileError, match="cannot be read"):
        next(run.resume())


def test_a_broken_checkpoint_is_refused(tmp_path, data):
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(latent=2, epochs=1), data))
    content = run.checkpoint_file.read_bytes()
    run.checkpoint_file.write_bytes(content[:-10])
    with pytest.raises(latently.ModelFileError, match="cut short"):
        next(run.resume(epochs=3))


def test_an_interruption_leaves_a_checkpoint(tmp_path, data):
    run = latently.Run(tmp_path / "run")
    events = run.fit(latently.AE(latent=2, epochs=50), data)
    next(events)
    with pytest.raises(KeyboardInterrupt):
        events.throw(KeyboardInterrupt)
    assert run.checkpoint_file.exists() and not run.model_file.exists()
    with pytest.raises(latently.ModelFileError, match="whose training has not ended"):
        run.load()


def test_a_run_killed_while_its_data_were_read_starts_when_resumed(tmp_path, data, monkeypatch):
    def killed(*_args, **_options):
        raise KeyboardInterrupt  # like a kill it is no mistake, so the folder stays

    run = latently.Run(tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr("latently.runs.open_data", killed)
        with pytest.raises(KeyboardInterrupt):
            next(run.fit(latently.AE(latent=2, epochs=2), str(data)))
    assert run.settings["fingerprint"] is None
    assert [event["epoch"] for event in run.resume()] == [1, 2]
    assert run.settings["fingerprint"]


def test_a_run_opens_its_data_again_as_it_was_told_to(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("zip,price\n" + "".join(f"{10000 + i % 3},{i}.5\n" for i in range(40)))
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(latent=1, epochs=1), path, kinds={"zip": "category"}))
    moved = path.rename(tmp_path / "moved.csv")
    list(run.resume(moved, epochs=2))
    assert run.settings["kinds"] == {"zip": "category"}
    assert run.settings["data"] == str(moved)
    assert run.load().codec_.spec.levels[0] == 4
    list(run.resume(epochs=3))
    assert len(run.load().history_) == 3


def test_a_run_opens_its_data_again_with_their_labels(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,kind\n" + "".join(f"{i % 7},{i}.5,{'xy'[i % 2]}\n" for i in range(40)))
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.make("cvae", latent=1, epochs=1), path, labels="kind"))
    assert run.settings["labels"] == "kind" and run.open().labels.tolist() == ["x", "y"] * 20
    assert list(run.load().classes_) == ["x", "y"] and run.load().n_features_in_ == 2
    list(run.resume(epochs=2))
    list(run.resume(latently.open(path, labels="kind"), epochs=3))
    assert len(run.load().history_) == 3
    path.write_text(path.read_text().replace(",x", ",z"))
    with pytest.raises(latently.InputError, match="not those"):
        list(run.resume(epochs=4))


def test_a_run_from_before_there_were_labels_still_opens(tmp_path, data):
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(latent=2, epochs=1), data))
    settings = json.loads(run.settings_file.read_text())
    assert settings.pop("labels") is None
    run.settings_file.write_text(json.dumps(settings))
    assert len(run.open(data)) == len(latently.open(data)) and len(list(run.resume(data, epochs=2))) == 1


def test_what_a_killed_write_left_is_cleared_away(tmp_path, data):
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(latent=2, epochs=1), data))
    (run.path / ".checkpoint-abc.part.safetensors").write_text("half")
    list(run.resume(epochs=2))
    assert not list(run.path.glob(".*"))


def test_texts_are_opened_again_as_they_were_asked_for(tmp_path):
    frame = pl.DataFrame({"mood": ["good", "bad"], "review": ["all fine", "so so"], "other": ["x", "y"]})
    data = latently.write(tmp_path / "reviews.csv", frame)
    asked = {"text": "review", "unit": "character", "clean": "none", "length": 9, "vocabulary": 50}
    source = latently.open(data, labels="mood", **asked)
    run = latently.Run(tmp_path / "run")
    run.path.mkdir()
    settings = {"model": "ae", "params": {}, **runs._of(source, False), "latently": "0"}
    run.settings_file.write_text(json.dumps(settings), "utf-8")
    again = run.open()
    assert again.fingerprint() == source.fingerprint() and again.reading == source.reading
    assert (again.data, again.labels.tolist()) == (["all fine", "so so"], ["good", "bad"])
