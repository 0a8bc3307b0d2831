"""Data larger than the memory that items may take: read from disk as they are needed, to a model just as good."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sklearn.datasets import load_digits

import latently
from latently import store
from latently.data import cache, on_disk
from latently.data.on_disk import OnDisk

LITTLE = 1e-6  # GB
X = load_digits().images.astype(np.uint8)

SCRIPT = """
import sys, torch, latently
from latently import runs
from latently.data import on_disk
torch.set_num_threads(1)
runs.CHECKPOINT_EVERY = 0.05
on_disk.STRETCH, on_disk.STRETCHES = 640, 8
out, data, resume = sys.argv[1:]
run = latently.Run(out)
model = latently.VAE(latent=4, encoder="dense32 relu", epochs=20, warmup=100, patience=0, memory=1e-6)
for event in run.resume() if resume == "yes" else run.fit(model, data):
    print(event["epoch"], flush=True)
"""

PEAK = """
import pathlib, sys, torch, latently
def peak():  # not ru_maxrss, which begins at what the parent process held
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
torch.set_num_threads(1)
data, memory = sys.argv[1:]
if data.endswith((".csv", ".parquet")):
    import polars
network = "dense16 relu"  # tiny, and so is one batch of it
latently.AE, torch.optim.Adam([torch.zeros(1, requires_grad=True)])
before = peak()
source = latently.open(data, memory=float(memory))
source.fingerprint()
model = latently.AE(latent=2, epochs=1, encoder=network, batch_size=256, memory=float(memory))
model.fit(source)
if source.scanned:
    latently.write(data + "-codes.parquet", ((model.transform(part), part.names, None) for part in source.parts()))
assert model.transform(source).shape == (len(source), 2)
assert model.score_samples(source).shape == (len(source),)
print((peak() - before) // 1024)
"""


@pytest.fixture
def small(monkeypatch):
    """Stretches of 10 pictures, pools of 80: several of them in 1,797 digits."""
    monkeypatch.setattr(on_disk, "STRETCH", 640)
    monkeypatch.setattr(on_disk, "STRETCHES", 8)


def test_a_streamed_fit_is_as_good(small):
    order = np.argsort(load_digits().target, kind="stable")  # by their labels, as folders are: the hardest to mix
    memory, disk = (latently.AE(latent=8, epochs=8, memory=given).fit(X[order]) for given in (1.0, LITTLE))
    one, two = (model.history_[-1]["validation"]["loss"] for model in (memory, disk))
    assert two < 1.05 * one
    assert "are read from" in disk.history_[0]["note"] and "note" not in memory.history_[0]
    assert "note" not in disk.history_[1]


def test_what_streams_is_decided_by_the_memory_given():
    fitting = latently.AE(latent=2, memory=X.nbytes / 1e9).begin(X)
    assert not fitting.streams
    fitting = latently.AE(latent=2, memory=0.9 * X.nbytes / 1e9).begin(X)
    assert fitting.streams and isinstance(fitting.items, OnDisk)
    assert not latently.AE(latent=2, memory=0).begin(X, streams=False).streams


def test_tables_stream_too(small):
    rng = np.random.default_rng(0)
    table = (rng.normal(size=(1000, 2)) @ rng.normal(size=(2, 10)) + 5).astype(np.float32)
    table[::7, 3] = np.nan
    memory, disk = (latently.AE(latent=2, epochs=10, memory=given).fit(table) for given in (1.0, LITTLE))
    one, two = (model.history_[-1]["validation"]["loss"] for model in (memory, disk))
    assert two < one + 0.1 * abs(one)


@pytest.mark.parametrize("kind", ["pictures", "table", "frame"])
def test_encoding_in_parts_is_encoding_at_once(monkeypatch, kind):
    pd = pytest.importorskip("pandas")  # a person's own library
    flat = X.reshape(len(X), -1)[:, :20].astype(np.float32)
    data = {"pictures": X, "table": flat, "frame": pd.DataFrame(flat, columns=[f"c{i}" for i in range(20)])}[kind]
    model = latently.AE(latent=3, epochs=2).fit(data)
    verbs = (model.transform, model.score_samples, model.reconstruct)
    whole = [np.asarray(verb(data)) for verb in verbs]
    monkeypatch.setattr("latently.data.spill.PART", 6400)
    for one, verb in zip(whole, verbs, strict=True):
        parts = verb(data)
        assert np.asarray(parts).dtype == one.dtype
        np.testing.assert_allclose(
            np.asarray(parts, np.float64), one, rtol=1e-4, atol=1e-4 if kind != "pictures" else 1
        )
    assert list(getattr(parts, "columns", [])) == list(getattr(data, "columns", []))


def test_what_is_said_of_a_part_is_said_once_and_names_the_row(monkeypatch, tmp_path):
    monkeypatch.setattr("latently.data.spill.PART", 200)
    table = np.random.default_rng(0).normal(size=(400, 4))
    model = latently.AE(latent=2, epochs=1).fit(table)
    table[333, 1] = 1e200
    with pytest.raises(latently.InputError, match="in row 333"):
        model.transform(table)
    floats = np.random.default_rng(0).random((400, 3, 3)).astype(np.float32)
    model = latently.AE(latent=2, epochs=1).fit(floats)
    with pytest.warns(latently.LatentlyWarning, match="hold values from .* to 3.5") as warned:
        model.transform(np.concatenate([floats, np.full((1, 3, 3), 3.5, np.float32)]))
    assert len(warned) == 1


def table(path, rows):
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(rows, 2)) @ rng.normal(size=(2, 6))
    frame = pl.DataFrame({f"x{j}": column for j, column in enumerate(mixed.T)})
    towns = pl.Series("town", np.array(["Jeju", "Seoul", "Busan"])[(mixed[:, 0] > 0) + 0 + (mixed[:, 1] > 0)])
    frame = frame.with_columns(towns, pl.Series("name", [f"person {i}" for i in range(rows)]))
    frame = frame.with_columns(pl.when(pl.int_range(rows) % 7 > 0).then("x3").alias("x3"))
    frame.write_csv(path) if path.suffix == ".csv" else frame.write_parquet(path)
    return path


@pytest.mark.filterwarnings("ignore:column 'name' left out")
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_of_a_file_is_all_that_it_is_in_memory(tmp_path, monkeypatch, ending):
    monkeypatch.setattr("latently.data.table_copy.FEWEST", 100)
    monkeypatch.setattr("latently.data.table_copy.MOST", 100)
    monkeypatch.setattr("latently.data.scanned.HELD", 50)
    path = table(tmp_path / f"t.{ending}", 1000)
    memory, disk = (latently.AE(latent=2, epochs=10, memory=given).fit(path) for given in (1.0, 0))
    one, two = (model.history_[-1]["validation"]["loss"] for model in (memory, disk))
    assert two < one + 0.1 * abs(one)
    held, source = latently.open(path), latently.open(path, memory=0)
    assert source.scanned and not held.scanned
    for verb in (disk.transform, disk.score_samples):
        np.testing.assert_allclose(verb(source), verb(held), rtol=1e-5, atol=1e-6)
    assert disk.reconstruct(source).equals(disk.reconstruct(held))
    assert disk.reconstruct(source)["name"].equals(held.data["name"])
    assert latently.health(disk, source).numbers == latently.health(disk, held).numbers
    assert latently.evaluate(disk, source, draws=5) == latently.evaluate(disk, held, draws=5)
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(latent=2, epochs=2, memory=0), path))
    assert latently.report(run).exists() and run.settings["scanned"]


@pytest.mark.filterwarnings("ignore:column 'name' left out")
@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "npy"])
def test_what_is_written_in_parts_is_what_is_written_at_once(tmp_path, monkeypatch, ending):
    monkeypatch.setattr("latently.data.table_copy.FEWEST", 64)
    monkeypatch.setattr("latently.data.table_copy.MOST", 64)
    monkeypatch.setattr("latently.data.scanned.HELD", 50)
    source = latently.open(table(tmp_path / "t.parquet", 200), memory=0, labels="town")
    model = latently.AE(latent=2, epochs=1, memory=1).fit(source)
    one, two = tmp_path / f"one.{ending}", tmp_path / f"two.{ending}"
    latently.write(one, model.transform(source), names=source.names, labels=source.labels)
    latently.write(two, ((model.transform(part), part.names, part.labels) for part in source.parts()))
    read = {
        "csv": pl.read_csv,
        "tsv": pl.read_csv,
        "parquet": pl.read_parquet,
        "npy": lambda p: pl.from_numpy(np.load(p)),
    }
    assert_frame_equal(read[ending](one), read[ending](two))
    if ending != "npy":
        latently.write(one, model.reconstruct(source))
        latently.write(two, ((model.reconstruct(part), None, None) for part in source.parts()))
        assert_frame_equal(read[ending](one), read[ending](two))
        assert [p.name for p in tmp_path.iterdir() if "part" in p.name] == []
    with pytest.raises(latently.InputError, match="items that come in parts go to"):
        latently.write(tmp_path / "three.npz", iter(()))


@pytest.mark.filterwarnings("ignore:column 'name' left out")
def test_a_run_on_a_table_of_a_file_goes_on_as_it_began(tmp_path):
    path = table(tmp_path / "t.csv", 300)
    weighed = []
    for name, epochs in (("alone", (4,)), ("twice", (2, 4))):
        run = latently.Run(tmp_path / name)
        list(run.fit(latently.AE(latent=2, epochs=epochs[0], memory=0), path))
        settings = json.loads(run.settings_file.read_text())
        settings["params"]["memory"] = 1.0  # as where more memory is free now
        run.settings_file.write_text(json.dumps(settings))
        if epochs[1:]:
            assert len(list(run.resume(epochs=4))) == 2
        weighed.append(weights(run.model_file))
    assert all(np.array_equal(weighed[0][name], weighed[1][name]) for name in weighed[0])
    with path.open("a") as file:
        file.write(path.read_text().splitlines()[-1] + "\n")
    with pytest.raises(latently.InputError, match="not those that"):
        list(run.resume(epochs=5))


def start(out, data, resume):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, out, data, "yes" if resume else "no"], stdout=subprocess.PIPE, text=True
    )


def weights(path):
    return {name: t for name, t in store.read(path)[1].items() if name.startswith("module.")}


def test_a_killed_streamed_run_ends_with_exactly_the_same_weights(tmp_path):
    data = tmp_path / "digits.npy"
    np.save(data, X[:500])
    killed = tmp_path / "killed"
    with start(tmp_path / "alone", data, False) as alone:
        with start(killed, data, False) as process:
            process.stdout.readline()
            time.sleep(0.1)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"
        settings = json.loads((killed / "run.json").read_text())
        assert settings["streams"] is True
        settings["params"]["memory"] = 1.0  # as where more memory is free now: the order must not change
        (killed / "run.json").write_text(json.dumps(settings))
        with start(killed, data, True) as process:
            assert process.wait() == 0
        assert alone.wait() == 0
    one, two = (weights(path / "model.safetensors") for path in (tmp_path / "alone", killed))
    assert one.keys() == two.keys() and all(np.array_equal(one[name], two[name]) for name in one)


def test_a_run_from_before_there_was_streaming_goes_on_in_memory(tmp_path):
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(latent=2, epochs=1), X[:100]))
    settings = json.loads(run.settings_file.read_text())
    assert settings.pop("streams") is False
    settings["params"].pop("memory")
    run.settings_file.write_text(json.dumps(settings))
    list(run.resume(X[:100], epochs=2))
    assert run.settings["streams"] is False


def test_a_run_whose_cache_is_gone_packs_again(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENTLY_CACHE", str(tmp_path / "cache"))
    table = np.random.default_rng(0).normal(size=(100, 3))
    run = latently.Run(tmp_path / "run")
    list(run.fit(latently.AE(latent=2, epochs=1, memory=0), table))
    (there,) = cache.folder().glob("*.raw")
    there.unlink()
    assert len(list(run.resume(table, epochs=2))) == 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from Linux' /proc")
@pytest.mark.parametrize("kind", ["pictures", "floats", "doubles", "table"])
def test_a_file_larger_than_the_memory_given_takes_no_more(tmp_path, kind):
    shape, dtype = {
        "pictures": ((75_000, 64, 64), np.uint8),
        "floats": ((75_000, 32, 32), np.float32),
        "doubles": ((37_500, 32, 32), np.float64),
        "table": ((1_500_000, 50), np.float32),
    }[kind]
    file = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", dtype, shape)
    one = np.random.default_rng(0).integers(0, 256, (1500, *shape[1:])).astype(dtype)
    for begin in range(0, len(file), 1500):
        file[begin : begin + 1500] = one
    size = file.nbytes // 2**20
    del file
    assert size >= 286  # MB
    peak = measured(tmp_path, "0.05")
    assert peak < 1.1 * size, peak  # two pools of 64 MB, a batch and what is made of it
    if kind == "pictures":  # so that the measure can fail
        assert measured(tmp_path, "8") > peak + 0.5 * size


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from Linux' /proc")
def test_a_table_file_larger_than_the_memory_given_takes_no_more(tmp_path):
    one = pl.DataFrame({f"x{j}": column for j, column in enumerate(np.random.default_rng(0).normal(size=(60, 20_000)))})
    one.write_parquet(tmp_path / "one")
    pl.scan_parquet([tmp_path / "one"] * 80, glob=False).sink_parquet(tmp_path / "x.parquet")
    size = 80 * one.estimated_size() // 2**20
    assert size >= 700  # MB
    peak = measured(tmp_path, "0.01", "x.parquet")
    assert peak < size, peak  # what polars reads ahead, two pools of 64 MB, and groups of 32 MB
    assert measured(tmp_path, "8", "x.parquet") > peak + 0.3 * size  # so that the measure can fail


def measured(tmp_path, memory, name="x.npy"):
    given = [sys.executable, "-c", PEAK, str(tmp_path / name), memory]
    return int(subprocess.run(given, capture_output=True, text=True, check=True).stdout)
