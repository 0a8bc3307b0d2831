"""The HTTP API: what each verb answers, for pictures, tables and texts, and every mistake in one sentence."""

import base64
import io
import time

import numpy as np
import pytest
from PIL import Image

import latently

RUNS = ["digits", "people", "lines", "verses", "load"]


def ask(client, run, verb="", body=None, status=200, **params):
    where = f"/api/models/{run}" + (f"/{verb}" if verb else "")
    answer = client.get(where, params=params) if body is None else client.post(where, json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if "json" in answer.headers["content-type"] else answer


def mistake(client, run, verb="", body=None, status=400, **params):
    text = ask(client, run, verb, body, status, **params)["error"]
    assert text and "\n" not in text and "Traceback" not in text
    return text


def test_all_runs_are_listed_with_their_state(client):
    listed = {entry["id"]: entry for entry in client.get("/api/models").json()["models"]}
    assert {run: listed[run]["state"] for run in RUNS} == dict.fromkeys(RUNS, "ready")
    assert listed["digits"]["kind"] == "image" and listed["people"]["model"] == "vae"
    assert listed["begun"]["state"] == "interrupted"
    assert listed["broken"]["state"] == listed["cut.safetensors"]["state"] == "refused"
    assert listed["broken"]["reason"] and listed["cut.safetensors"]["reason"]


def test_a_model_says_what_it_can(client):
    digits, people, lines = (ask(client, run) for run in RUNS[:3])
    assert digits["can"] == {"restore": True, "decode": True, "write": False}
    assert lines["can"] == {"restore": False, "decode": False, "write": True}
    assert people["columns"][:2] == ["size", "weight"] and people["data"]["items"] == 150
    assert digits["data"]["labels"] == [str(i) for i in range(10)]


def test_encode_then_decode_is_reconstruct(client, runs):
    for run in ("digits", "people"):
        codes = ask(client, run, "encode", {"rows": [0, 1, 2]})["codes"]
        assert np.shape(codes) == (3, {"digits": 6, "people": 2}[run])
        decoded = ask(client, run, "decode", {"codes": codes})["items"]
        assert len(decoded) == len(ask(client, run, "reconstruct", {"rows": [0, 1, 2]})["items"]) == 3
    model = latently.load(runs / "digits")
    known = model.transform(latently.Run(runs / "digits").open()[:3])
    assert np.allclose(ask(client, "digits", "encode", {"rows": [0, 1, 2]})["codes"], known, atol=1e-5)


def test_items_that_are_sent_are_those_of_the_data(client):
    for run in RUNS:
        sent = [ask(client, run, f"item/{row}")["item"] for row in (0, 7)]
        ours, theirs = (ask(client, run, "encode", body)["codes"] for body in ({"rows": [0, 7]}, {"items": sent}))
        assert np.allclose(ours, theirs, atol=1e-4), run


def test_codes_come_as_bytes_too(client):
    answer = client.post(
        "/api/models/digits/encode", json={"rows": [0]}, headers={"accept": "application/octet-stream"}
    )
    assert answer.headers["content-encoding"] == "identity"
    assert np.frombuffer(answer.content, np.float32).shape == (6,)


def test_scores_are_those_of_the_model(client, runs):
    told = ask(client, "people", "score", {"rows": [0, 1]})
    model, source = latently.load(runs / "people"), latently.Run(runs / "people").open()[:2]
    assert np.allclose(told["scores"], model.score_samples(source))
    assert np.allclose(told["p_values"], model.p_values(source))
    numbers = np.frombuffer(ask(client, "people", "scores").content, np.float32)
    assert np.allclose(numbers[:2], told["scores"], atol=1e-4)
    assert len(numbers) == 2 * 150 + len(model.calibration_)


@pytest.mark.parametrize("run", RUNS)
def test_neighbours_leave_the_item_itself_out(client, run):
    found = ask(client, run, "neighbors", {"rows": [5], "k": 3})
    assert len(found["rows"][0]) == 3 and 5 not in found["rows"][0]
    assert found["distances"][0] == sorted(found["distances"][0])
    sent = {"items": [ask(client, run, "item/5")["item"]], "k": 1}
    assert ask(client, run, "neighbors", sent)["distances"][0][0] < 1e-3


def test_samples_follow_their_seed(client):
    for run in RUNS:
        first, again, other = (ask(client, run, "sample", {"n": 4, "seed": seed})["items"] for seed in (1, 1, 2))
        assert first == again and len(first) == 4, run
        assert first != other or run == "verses"  # which learned too little to say two things


def test_the_way_between_two(client):
    assert len(ask(client, "digits", "interpolate", {"a": 0, "b": 1, "n": 5})["items"]) == 5
    assert len(ask(client, "people", "interpolate", {"a": 0, "b": 1, "how": "spherical"})["items"]) == 9
    assert "how" in mistake(client, "people", "interpolate", {"a": 0, "b": 1, "how": "<b>"})
    sentence = mistake(client, "people", "interpolate", {"rows": [0, 1]}, 422)
    assert sentence.startswith("a (the row of the item to begin at) and b (") and sentence.endswith("; send them.")
    assert mistake(client, "people", "interpolate", {"a": 0}, 422).endswith("to end at) is missing; send it.")


def test_an_item_and_where_it_is_odd(client):
    digit = ask(client, "digits", "item/3")
    assert digit["difference"].startswith("data:image/png;base64,") and len(digit["code"]) == 6
    row = ask(client, "people", "item/3")
    assert row["item"]["weight"] is None and row["restored"]["weight"] is not None
    assert {cell["name"] for cell in ask(client, "people", "where/3")["cells"]} >= {"size", "weight"}
    assert ask(client, "digits", "where/3")["heat"].startswith("data:image/png")
    words = ask(client, "lines", "where/0")["words"]
    assert [w["word"] for w in words[:3]] == ["the", "cat", "sat"] and "restored" not in ask(client, "lines", "item/0")


def test_items_are_found_by_label_name_cell_and_text(client):
    sevens = ask(client, "digits", "items", label="7", count=500)
    assert sevens["found"] == len(sevens["items"]) and {one["label"] for one in sevens["items"]} == {"7"}
    assert ask(client, "digits", "items", find="0003.png")["found"] == 1
    assert ask(client, "people", "items", find="jeju")["found"] > 10
    assert ask(client, "lines", "items", find="BIRD")["found"] == 12
    assert ask(client, "lines", "items", find="no such")["items"] == []


def test_sheets_hold_sixteen_tiles_in_a_line(client):
    sheet = Image.open(io.BytesIO(ask(client, "digits", "tiles", rows="0,1,2" * 1 + ",4" * 15, side=16).content))
    assert sheet.size == (256, 32)
    assert "pictures" in mistake(client, "people", "tiles", rows="1")


def test_axes_are_those_of_the_codes(client):
    told = ask(client, "digits", "axes")
    directions = np.array([axis["direction"] for axis in told["axes"]])
    assert np.allclose(directions @ directions.T, np.eye(6), atol=1e-6)
    assert np.isclose(sum(axis["share"] for axis in told["axes"]), 1)
    middles = ask(client, "digits", "classes")["classes"]
    assert [one["label"] for one in middles] == [str(i) for i in range(10)]


@pytest.mark.parametrize("run", RUNS)
def test_a_place_of_the_map_leads_back(client, run):
    body = ask(client, run, "map").content
    told = ask(client, run, "mapped")
    n = told["items"]
    assert len(body) == 9 * n and told["total"] == n
    points = np.frombuffer(body[: 8 * n], np.float32).reshape(n, 2)
    inside = np.frombuffer(
        ask(client, run, "inside", {"line": [[-1e9, -1e9], [1e9, -1e9], [0, 1e9]]}).content, np.uint32
    )
    assert inside.tolist() == [*range(n)]
    if run == "people":  # codes of two numbers: the map is the code
        codes = ask(client, run, "encode", {"rows": [0, 1]})["codes"]
        assert np.allclose(points[:2], codes, atol=1e-5)
        made = ask(client, run, "places", {"places": points[:2].tolist()})
        assert made["items"] == ask(client, run, "decode", {"codes": points[:2].tolist()})["items"]
        assert made["distances"] == [0, 0]
    if run == "lines":
        assert "of a code alone" in mistake(client, run, "places", {"places": [[0, 0]]})


def test_the_anatomy_follows_an_item(client):
    still, moving = ask(client, "digits", "anatomy"), ask(client, "digits", "anatomy", row=2)
    assert still["parameters"] == moving["parameters"] > 0 and "picture" not in still["layers"][0]
    assert all(layer["picture"]["png"].startswith("data:image/png") for layer in moving["layers"])
    assert ask(client, "lines", "anatomy", row=0)["layers"][0]["part"] == "writer"


def test_a_language_model_writes_on(client):
    with client.stream("POST", "/api/models/lines/write", json={"prompt": "the", "max_words": 5, "seed": 1}) as answer:
        pieces = [*answer.iter_text()]
    assert answer.headers["content-type"].startswith("text/plain") and "".join(pieces).strip()
    following = ask(client, "lines", "next", prompt="the", k=3)["words"]
    assert len(following) == 3 and following[0]["probability"] >= following[1]["probability"]
    assert "language-model" in mistake(client, "digits", "write", {})
    assert len(ask(client, "lines", "write", {"prompt": "the", "max_words": 5, "n": 2, "seed": 1})["texts"]) == 2


def test_what_is_no_json_or_no_address_is_a_sentence_too(client):
    answer = client.post("/api/models/digits/sample", content=b'{"n": 2,', headers={"content-type": "application/json"})
    assert answer.status_code == 422 and answer.json()["error"].startswith("the body is no JSON: ")
    for method, address in (("GET", "/api/nonsense"), ("POST", "/api/models/digits/nonsense"), ("GET", "/api")):
        answer = client.request(method, address)
        assert answer.status_code == 404 and f"there is no {method} {address} in the API" in answer.json()["error"]


@pytest.mark.parametrize(
    "run", ["nothing", "../digits", "digits/../../etc", "%2e%2e/%2e%2e/etc/passwd", "digits/run.json", "\0"]
)
def test_no_run_outside_the_folder_can_be_named(client, run):
    answer = client.get("/api/models/" + run.replace("\0", "%00"))
    assert answer.status_code == 404


def test_a_link_out_of_the_folder_is_not_followed(client, runs, tmp_path):
    (tmp_path / "run.json").write_text((runs / "people" / "run.json").read_text("utf-8"), "utf-8")
    link = runs / "linked"
    link.symlink_to(tmp_path)
    try:
        assert client.get("/api/models/linked").status_code == 404
        assert "linked" not in {entry["id"] for entry in client.get("/api/models").json()["models"]}
    finally:
        link.unlink()


def test_bad_input_is_one_sentence(client):
    assert "rows or items" in mistake(client, "digits", "encode", {})
    assert "rows go from 0 to 199" in mistake(client, "digits", "encode", {"rows": [200]})
    assert "no picture" in mistake(client, "digits", "encode", {"items": ["aGVsbG8="]})
    assert "no picture" in mistake(client, "digits", "encode", {"items": [{"a": 1}]})
    assert "no column 'height'" in mistake(client, "people", "encode", {"items": [{"height": 1}]})
    assert "send strings" in mistake(client, "lines", "encode", {"items": [1]})
    assert "several lengths" in mistake(client, "digits", "decode", {"codes": [[1.0], [1.0, 2.0]]})
    assert "codes of" in mistake(client, "digits", "decode", {"codes": [[1.0]]})
    assert "of a code alone" in mistake(client, "lines", "decode", {"codes": [[1.0]]})
    assert "knows no labels" in mistake(client, "digits", "sample", {"label": "3"})
    assert "whole numbers" in mistake(client, "digits", "briefs", rows="1,x")
    assert mistake(client, "digits", "sample", {"n": 10**6}, 422).startswith("n: ")
    assert "not ended" in mistake(client, "begun", status=409)
    assert mistake(client, "cut.safetensors", status=409)


def test_a_picture_of_too_many_pixels_is_refused(client):
    buffer = io.BytesIO()
    Image.new("1", (5000, 5000)).save(buffer, "PNG")
    text = mistake(client, "digits", "encode", {"items": [base64.b64encode(buffer.getvalue()).decode()]})
    assert "5000 x 5000" in text


def test_a_run_that_is_deleted_while_open_says_so(client, runs, tmp_path):
    import shutil

    shutil.copytree(runs / "people", runs / "short-lived")
    assert ask(client, "short-lived")["data"]["items"] == 150
    shutil.rmtree(runs / "short-lived")
    assert "no run 'short-lived'" in mistake(client, "short-lived", status=404)


def test_a_model_without_its_data_still_draws(client, runs):
    import shutil

    shutil.copy(runs / "people" / "model.safetensors", runs / "alone.safetensors")
    try:
        about = ask(client, "alone.safetensors")
        assert "without a run" in about["data"]["reason"]
        assert len(ask(client, "alone.safetensors", "sample", {"n": 3})["items"]) == 3
        assert "without a run" in mistake(client, "alone.safetensors", "encode", {"rows": [0]})
    finally:
        (runs / "alone.safetensors").unlink()


@pytest.mark.parametrize("run", ["digits", "people", "lines"])
def test_a_detector_judges_and_its_model_is_looked_into(client, runs, run):
    source = latently.Run(runs / run).open()
    sent = {"items": [ask(client, run, f"item/{row}")["item"] for row in range(3)]}
    detector = latently.AnomalyDetector(over=latently.TextVAE(epochs=1) if run == "lines" else latently.AE(epochs=1))
    detector.fit(source).save(runs / "detector" / "model.safetensors")
    name = "detector"
    assert ask(client, "detector/model.safetensors")["model"] == "anomaly-detector", "its file can be named too"
    try:
        about = ask(client, name)
        entries = {entry["id"]: entry for entry in client.get("/api/models").json()["models"]}
        listed = entries[name]
        assert about["model"] == listed["model"] == "anomaly-detector" and listed["state"] == "ready"
        assert not listed["run"] and "detector/model.safetensors" not in entries
        assert name not in {one["run"] for one in client.get("/api/trainings").json()["trainings"]}
        assert about["parameters"] > 0 and about["can"]["restore"] and "without a run" in about["data"]["reason"]
        assert np.allclose(ask(client, name, "score", sent)["scores"], detector.score_samples(source[:3]), atol=1e-4)
        assert np.shape(ask(client, name, "encode", sent)["codes"]) == (3, about["code"])
        assert len(ask(client, name, "sample", {"n": 2})["items"]) == 2 and ask(client, name, "anatomy")["layers"]
        asked = client.post("/api/comparisons", json={"runs": [run, name]}).json()["comparison"]
        while (told := client.get(f"/api/comparisons/{asked}").json())["state"] != "ready":
            time.sleep(0.1)
        assert name in {row["name"] for row in told["rows"]}
    finally:
        (runs / "detector" / "model.safetensors").unlink()
        (runs / "detector").rmdir()


def test_the_api_is_described(client):
    described = client.get("/api/openapi.json").json()
    for verb in ("encode", "decode", "reconstruct", "score", "neighbors", "sample"):
        assert described["paths"][f"/api/models/{{run}}/{verb}"]["post"]["description"]


def test_what_would_be_passed_over_is_refused(client):
    plain = client.post("/api/models/people/encode", content='{"rows": [0]}', headers={"content-type": "text/plain"})
    assert plain.status_code == 400 and "Content-Type: application/json" in plain.json()["error"]
    strange = client.post("/api/models/people/interpolate", json={"a": 0, "b": 1, "steps": 3})
    assert strange.status_code == 400 and "'steps' is not known here; send a, b, how, label, n." in strange.text
    assert client.post("/api/nothing", json={"a": 0}).status_code == 404


@pytest.mark.parametrize("path", ["models/people/encode", "trainings/people/stop", "comparisons", "data/x.csv"])
def test_what_is_posted_cannot_be_got(client, path):
    answer = client.get(f"/api/{path}")
    assert answer.status_code == 405 and "by POST" in answer.json()["error"] and answer.headers["allow"] == "POST"
