"""The API on a series: windows as lists by column, and when it was odd."""

import numpy as np
import pytest


def ask(client, verb, body=None, status=200):
    where = f"/api/models/load/{verb}"
    answer = client.get(where) if body is None else client.post(where, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_windows_that_are_sent_are_those_of_the_data(client, hostile):
    about = client.get("/api/models/load").json()
    assert about["kind"] == "series" and about["columns"] == ["load", hostile]
    items = [ask(client, f"brief/{row}")["item"] for row in (0, 40)]
    assert [len(steps) for steps in items[1].values()] == [24, 24] and None in items[1][hostile]
    codes = ask(client, "encode", {"items": items})["codes"]
    assert np.allclose(codes, ask(client, "encode", {"rows": [0, 40]})["codes"], atol=1e-3)
    steps = [list(step) for step in zip(*items[0].values(), strict=True)]
    assert np.allclose(ask(client, "encode", {"items": [steps]})["codes"], codes[:1], atol=1e-5)


@pytest.mark.parametrize("item", [{"load": [1.0]}, {"load": "high"}, [[1.0, 2.0]], 7, {}])
def test_what_is_no_window_is_refused(client, item):
    assert "is no window of this model; send" in ask(client, "score", {"items": [item]}, 400)["error"]


def test_ranges_name_the_time_and_the_oddest_window(client):
    told = ask(client, "ranges?rate=0.1")
    first = told["ranges"][0]
    assert first["rank"] == 1 and first["start"] <= "2024-01-09 08:00" <= first["end"]
    assert first["from"] <= 200 / 459 <= first["to"] and first["why"]
    assert abs(2 * first["row"] - 200) <= 24
    line = told["lines"][0]
    assert (line["start"], line["end"], len(line["found"])) == ("2024-01-01", "2024-01-20 03:00", 460)
    assert max(value for _, value in line["found"]) == 120
    assert told["lines"][1]["found"].count(None) == 1
    assert ask(client, "ranges?rate=0.00001")["of"] <= ask(client, "ranges?rate=0.4")["of"]


def test_another_rate_is_not_judged_anew(client, monkeypatch):
    first = ask(client, "ranges?rate=0.1")
    monkeypatch.setattr("latently.explore.odd.ranges.surprises", None)
    assert ask(client, "ranges?rate=0.4")["of"] >= first["of"]
    assert ask(client, "ranges?rate=0.1") == first


def test_where_a_window_is_odd(client):
    row = ask(client, "ranges?rate=0.1")["ranges"][0]["row"]
    where = ask(client, f"where/{row}")
    assert "2024-01-09 08:00" in where["why"]
    assert int(np.argmax(where["surprise"]["load"])) == 200 - 2 * row


def test_ranges_are_of_series_alone(client):
    answer = client.get("/api/models/people/ranges")
    assert answer.status_code == 400 and "no series" in answer.json()["error"]
