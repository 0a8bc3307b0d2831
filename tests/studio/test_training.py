"""Trainings and uploads: what is refused before anything starts, and a training that is stopped and resumed."""

import errno
import io
import os
import shutil
import signal
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

import latently
from latently.studio import jobs, uploads
from latently.studio.shelf import Shelf


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    from starlette.testclient import TestClient

    from latently.studio.application import application

    with TestClient(application(tmp_path_factory.mktemp("runs")), base_url="http://127.0.0.1:8420") as asking:
        yield asking


def upload(client, name, body, status=200):
    answer = client.post(f"/api/data/{name}", content=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def picture(side=4):
    buffer = io.BytesIO()
    Image.new("L", (side, side)).save(buffer, "PNG")
    return buffer.getvalue()


def table(rows=400):
    return "\n".join(["a,b", *(f"{i % 17},{i % 5}" for i in range(rows))]).encode()


def test_uploads_are_listed_and_looked_at(client):
    brought = upload(client, "numbers.csv", table())
    assert {"name": "numbers.csv", "data": brought["data"]} in client.get("/api/data").json()["data"]
    assert client.get("/api/look", params={"data": brought["data"]}).json()["columns"] == ["a", "b"]
    folder = upload(client, "small/cat/1.png", picture())["data"]
    assert folder.endswith("cat")


@pytest.mark.parametrize("name", ["run.sh", "x.pkl", "a/b/c/d.png", "folder/table.csv", ".csv"])
def test_other_files_are_refused(client, name):
    assert "cannot be used" in upload(client, name, b"1", 400)["error"]


@pytest.mark.parametrize("name", ["folder/table.csv", "../../evil.csv"])
def test_a_table_in_a_folder_is_refused_with_the_reason(tmp_path, name):
    with pytest.raises(latently.InputError, match=r"give a \.csv by its name alone, without folders"):
        uploads.place(tmp_path, name)


def test_an_upload_stays_in_its_folder(tmp_path):
    for name in ("../x.csv", "..\\..\\x.csv", "a/../../x.png", "/etc/x.csv", "C:\\x.csv"):
        with suppress(latently.InputError):
            assert uploads.place(tmp_path, name).resolve().is_relative_to(tmp_path / uploads.FOLDER)


@pytest.mark.parametrize("name", ["가" * 100 + ".csv", "a" * 300 + ".CSV", "새" * 200 + "/1.png"])
def test_a_long_name_is_cut_and_keeps_its_ending(client, name):
    body = picture() if name.endswith("png") else table()
    kept = upload(client, name, body)["data"]
    assert kept.lower().endswith(".csv") or kept.endswith("새")


def test_an_upload_that_cannot_be_written_says_why(client, monkeypatch):
    upload(client, "t.csv", table())
    assert "t.csv" in upload(client, "t.csv/x.png", picture(), 507)["error"]
    upload(client, "folder.csv/x.png", picture())
    assert "folder.csv cannot be written" in upload(client, "folder.csv", table(), 507)["error"]

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert "No space left on device" in upload(client, "other.csv", table(), 507)["error"]


def test_uploads_of_one_name_at_once_do_not_mix(tmp_path, monkeypatch):
    checked = uploads._checked

    def slow(part, path):
        monkeypatch.setattr(uploads, "_checked", checked)
        uploads.keep(tmp_path, "t.csv", b"second")  # while the first is looked at
        checked(part, path)

    monkeypatch.setattr(uploads, "_checked", slow)
    kept = Path(uploads.keep(tmp_path, "t.csv", b"first")["data"])
    assert kept.read_bytes() == b"first" and [*kept.parent.iterdir()] == [kept]


def test_an_upload_that_is_no_picture_leaves_nothing(client):
    assert "no picture" in upload(client, "bad/1.png", b"<svg onload=alert(1)>", 400)["error"]
    folder = client.app.state.shelf.folder / uploads.FOLDER / "bad"
    assert not list(folder.iterdir())


def test_pictures_and_zips_are_bounded(client, monkeypatch):
    monkeypatch.setattr(uploads, "PIXELS", 10)
    assert "4 x 4 pixels" in upload(client, "big/1.png", picture(), 400)["error"]
    monkeypatch.setattr(uploads, "MANY", 1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for i in range(2):
            packed.writestr(f"{i}.png", picture())
    assert "2 files" in upload(client, "many.zip", buffer.getvalue(), 400)["error"]
    assert "no zip" in upload(client, "bad.zip", b"1", 400)["error"]


def test_every_model_is_declared_with_its_bounds(client):
    declared = {one["name"]: one for one in client.get("/api/declarations").json()["models"]}
    params = {one["name"]: one for one in declared[latently.BetaVAE.name]["params"]}
    assert params["beta"]["own"] and params["beta"]["low"] == 0 and not params["epochs"]["own"]
    assert declared["language-model"]["reads"] == ["text"] and params["optimizer"]["choices"]


def test_mistakes_are_said_before_anything_starts(client):
    data = upload(client, "numbers.csv", table())["data"]
    good = {"name": "one", "data": data, "model": "ae"}

    def mistake(**changed):
        answer = client.post("/api/trainings", json={**good, **changed})
        assert answer.status_code == 400, answer.text
        return answer.json()["error"]

    assert "not listed" in mistake(data="/etc/passwd")
    assert "choose some, or upload" in mistake(data="", name="")
    assert "not known" in mistake(model="nothing")
    assert "epochs=0 is not allowed" in mistake(params={"epochs": 0})
    assert "no setting of ae" in mistake(params={"beta": 1})
    for name in ("../x", "a/b", "", ".x", "-x", "x.safetensors", "x\n"):
        assert "is no name" in mistake(name=name)
    assert "already" in mistake(name="uploads")
    assert not client.get("/api/trainings").json()["trainings"]
    assert client.post("/api/trainings/one/stop").status_code == 404


@pytest.mark.parametrize(
    "like", ["hostile-vae", "<img src=x onerror=alert(1)>-vae", "-..", "가" * 200, "x.safetensors"]
)
def test_a_suggested_name_is_free_and_allowed(tmp_path, like):
    working = jobs.Jobs(Shelf(tmp_path))
    for _ in range(3):
        name = working.suggested(like)
        (tmp_path / working._new(name)).mkdir()
    assert name.endswith("-3")


def follow(client, run, until):
    for _ in range(3000):
        told = client.get(f"/api/trainings/{run}").json()
        if until(told):
            return told
        time.sleep(0.1)
    raise AssertionError(told)


def test_a_training_is_stopped_and_resumed(client):
    data = upload(client, "numbers.csv", table())["data"]
    asked = {"name": "one", "data": data, "model": "ae", "params": {"epochs": 3000, "latent": 2}}
    assert client.post("/api/trainings", json=asked).json() == {"run": "one"}
    follow(client, "one", lambda told: len(told["events"]) > 3)
    assert "already" in client.post("/api/trainings/one/resume", json={}).json()["error"]
    assert client.post("/api/trainings/one/stop").status_code == 200
    stopped = follow(client, "one", lambda told: not told["running"])
    assert stopped["state"] == "interrupted" and not stopped["reason"]
    done = len(stopped["events"])
    client.post("/api/trainings/one/resume", json={"epochs": done + 2})
    ended = follow(client, "one", lambda told: not told["running"])
    assert ended["state"] == "ready" and ended["done"] == done + 2, ended


def test_a_training_that_is_killed_is_interrupted_and_goes_on(client):
    data = upload(client, "numbers.csv", table())["data"]
    asked = {"name": "killed", "data": data, "model": "ae", "params": {"epochs": 3000, "latent": 2}}
    client.post("/api/trainings", json=asked)
    told = follow(client, "killed", lambda told: len(told["events"]) > 3)
    assert told["state"] == "training" and told["running"]
    os.kill(client.app.state.jobs._pid("killed"), signal.SIGKILL)
    killed = follow(client, "killed", lambda told: not told["running"])
    assert killed["state"] == "interrupted"
    listed = {one["id"]: one["state"] for one in client.get("/api/models").json()["models"]}
    assert listed["killed"] == "interrupted"
    client.post("/api/trainings/killed/resume", json={"epochs": len(killed["events"]) + 2})
    assert follow(client, "killed", lambda told: not told["running"])["state"] == "ready"


@pytest.mark.parametrize(("one", "other"), [("a b", "a_b"), ("demo/run", "demo_run"), ("가" * 80, "가" * 79 + "나")])
def test_runs_of_like_names_are_not_taken_for_each_other(tmp_path, one, other):
    working = jobs.Jobs(Shelf(tmp_path))
    (tmp_path / jobs.HIDDEN).mkdir()
    working._keep(one, os.getpid())
    working._file(one, "log").write_text("Error: mine\n", "utf-8")
    assert working._read(one) == {"run": one, "pid": os.getpid()} and working._read(other) is None
    assert working.started() == [one] and working.said(other) == ""
    working._file(one, "json").replace(working._file(other, "json"))
    assert working._read(other) is None


def test_what_was_written_by_half_is_passed_over(client):
    folder = client.app.state.shelf.folder / jobs.HIDDEN
    folder.mkdir(exist_ok=True)
    broken = ("", '{"run": "ha', "[]", "null", '{"pid": 1}')
    for i, text in enumerate(broken):
        (folder / f"broken{i}.json").write_text(text, "utf-8")
    assert client.get("/api/trainings").status_code == 200
    for i in range(len(broken)):
        (folder / f"broken{i}.json").unlink()


def test_a_training_that_fails_says_why(client):
    data = upload(client, "numbers.csv", table())["data"]
    client.post("/api/trainings", json={"name": "failing", "data": data, "model": "language-model"})
    ended = follow(client, "failing", lambda told: not told["running"])
    assert "reads texts" in ended["reason"] and ended["run"] in [
        one["run"] for one in client.get("/api/trainings").json()["trainings"]
    ]
    listed = {one["id"]: one["state"] for one in client.get("/api/models").json()["models"]}
    assert ended["state"] == "failed" and listed.get("failing", "failed") == "failed"


def test_a_run_is_noted_and_gone_with_its_folder(client):
    data = upload(client, "numbers.csv", table())["data"]
    asked = {"name": "passing", "data": data, "model": "ae", "params": {"epochs": 1, "latent": 2}}
    client.post("/api/trainings", json=asked)
    assert follow(client, "passing", lambda told: not told["running"])["state"] == "ready"
    folder = client.app.state.shelf.folder / "passing"
    (folder / "health.json").write_text('{"worst": "It learned nothing."}', "utf-8")
    client.app.state.jobs._file("passing", "log").write_text("Note: 2 files were left out.\n" * 2, "utf-8")
    assert client.get("/api/trainings/passing").json()["notes"] == ["2 files were left out.", "It learned nothing."]
    shutil.rmtree(folder)
    assert "no run" in client.get("/api/trainings/passing").json()["error"]
    assert "passing" not in [one["run"] for one in client.get("/api/trainings").json()["trainings"]]
