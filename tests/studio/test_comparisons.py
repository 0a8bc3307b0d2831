"""Comparisons over the API: computed beside everything else, the same question once."""

import time

import pytest

import latently
from latently.studio import comparisons


def ask(client, runs, status=200, **more):
    answer = client.post("/api/comparisons", json={"runs": runs, **more})
    assert answer.status_code == status, answer.text
    return answer.json()


def found(client, name):
    for _ in range(1200):
        told = client.get(f"/api/comparisons/{name}").json()
        if told.get("state") != "working":
            return told
        time.sleep(0.1)
    raise AssertionError("the comparison does not end")


def test_runs_are_compared_beside_pca_and_the_untrained_network(client):
    told = found(client, ask(client, ["digits", "twin"], odd=["0"])["comparison"])
    kinds = [(row["name"], row["kind"]) for row in told["rows"]]
    assert kinds[:2] == [("digits", "model"), ("twin", "model")] and {"PCA", "untrained"} <= {kind for _, kind in kinds}
    assert {"restored", "knn_accuracy", "frechet", "auroc", "encode", "size"} <= {*told["columns"]}
    for row in told["rows"]:
        assert {*row["numbers"]} == {*told["columns"]} and len(row["restored"]) == len(told["shown"]["items"])
        assert all(item.startswith("data:image/png") for item in row["restored"] + row["drawn"])
    best = max(told["rows"], key=lambda row: row["numbers"]["restored"])
    assert "restored" in best["best"]


@pytest.mark.parametrize("run", ["people", "verses"])
def test_rows_and_texts_are_compared_too(client, run):
    told = found(client, ask(client, [run])["comparison"])
    assert told["rows"][0]["name"] == run and len(told["rows"][0]["restored"]) == len(told["shown"]["items"])


def test_what_cannot_be_compared_is_said(client):
    assert "kind" in found(client, ask(client, ["digits", "people"])["comparison"])["error"]
    assert "from 1 to" in ask(client, [], 400)["error"]
    assert "once" in ask(client, ["digits", "digits"], 400)["error"]
    assert "no run" in ask(client, ["gone"], 404)["error"]
    assert "no model yet" in ask(client, ["begun"], 409)["error"]
    assert "run first" in ask(client, ["cut.safetensors"], 400)["error"]
    assert client.get("/api/comparisons/none").status_code == 404


def test_other_rooms_are_answered_while_a_comparison_is_at_work(client, monkeypatch):
    from threading import Event

    go, calls, whole = Event(), [], latently.compare

    def slow(*given, **how):
        calls.append(given)
        assert go.wait(60)
        return whole(*given, **how)

    monkeypatch.setattr(comparisons.latently, "compare", slow)
    names = [ask(client, ["people"], n=40)["comparison"] for _ in range(2)]
    assert names[0] == names[1] and client.get(f"/api/comparisons/{names[0]}").json() == {"state": "working"}
    assert client.get("/api/models/people/item/3").json()["row"] == 3
    go.set()
    assert found(client, names[0])["state"] == "ready" and len(calls) == 1
