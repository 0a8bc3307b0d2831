"""What is said of texts with codes: a code in use, a collapsed one, and the numbers behind it."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import latently
from latently.explore import metrics
from latently.explore.judging.sentences import walk
from latently.explore.pages.report import write_report

rng = np.random.default_rng(0)
LINES = [" ".join(["the", *(rng.choice(list(words)) for words in ("abcdef", "ghijkl", "mnopqr"))]) for _ in range(400)]
SMALL: dict[str, Any] = {"latent": 4, "encoder": "embed8 gru24", "lr": 0.01}


@pytest.fixture(scope="module")
def used() -> latently.TextVAE:
    return latently.TextVAE(**SMALL, epochs=30, beta=0.2, word_dropout=0.6).fit(LINES)


@pytest.fixture(scope="module")
def collapsed() -> latently.TextVAE:
    return latently.TextVAE(**SMALL, epochs=12, beta=20.0, warmup=0, free_nats=0).fit(LINES)


def said(found: latently.Health, topic: str) -> str:
    return " ".join(f"{f.level}: {f.text}" for f in found.findings if f.topic == topic)


def test_a_code_in_use_is_called_so(used: Any) -> None:
    found = latently.health(used, LINES)
    assert found.worst is None, str(found)
    assert "good: All 4 numbers of the code are in use" in said(found, "code")
    assert f"of at most {math.log(40):.3g}, log 40." in said(found, "code"), "of the texts that were held out"
    assert found.numbers["mutual_information"] > 1
    assert "of a text's words come back in their order" in said(found, "restoring")
    assert {"perplexity", "frequency_perplexity", "kl", "active_units", "latent", "restored_words"} <= {*found.numbers}
    assert len(found.numbers["kl"]) == 4


def test_how_far_the_telling_is_can_be_seen(used: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int | None, str]] = []

    def track(items: Any, total: int | None, label: str) -> Any:
        seen.append((total, label))
        return items

    monkeypatch.setattr("latently.explore.judging.telling.track", track)
    monkeypatch.setattr("latently.explore.judging.telling._TOGETHER", 20)
    found = latently.evaluate(used, LINES[:50], draws=30)
    assert seen == [(2, "Telling how likely the texts are")]
    assert found["nll"] == pytest.approx(-used.log_probability(LINES[:50], draws=200).mean(), rel=0.05)


def test_posterior_collapse_is_warned_of_with_what_may_help(collapsed: Any) -> None:
    found = latently.health(collapsed, LINES)
    assert found.worst is not None and found.worst.text.startswith("Posterior collapse")
    for hint in ("a smaller beta (it is 20)", "more free_nats (they are 0)", "more word_dropout (it is 0)"):
        assert hint in found.worst.text
    assert "cycles" not in found.worst.text, "nothing rises, so there is nothing to repeat"
    assert "What comes back says little of the text" in said(found, "restoring")
    assert "a longer warmup, more cycles" in said(
        latently.health(latently.TextVAE(**SMALL, epochs=2, beta=20.0).fit(LINES), LINES), "restoring"
    )


def test_evaluation_has_every_number_of_texts_with_codes(used: Any) -> None:
    found = latently.evaluate(used, LINES, n=100, draws=20, seed=1)
    keys = {"nll", "nll_error", "nll_draws", "nll_token", "perplexity", "bits_per_character", "unknown"}
    keys |= {"kl", "mutual_information", "active_units", "restored_words", "restored_words_guess"}
    assert keys <= {*found} and keys <= {*latently.MEASURES}
    rows = np.sort(np.random.default_rng(1).permutation(400)[:100])
    some = latently.open(LINES)[rows]
    assert found["nll"] == pytest.approx(-used.log_probability(some, draws=20, seed=1).mean())
    assert found["nll_draws"] == 20
    assert found == latently.evaluate(used, LINES, n=100, draws=20, seed=1)


def test_one_text_has_what_one_text_can_have(used: Any) -> None:
    found = latently.evaluate(used, LINES[:1], draws=2)
    assert found["mutual_information"] == 0
    assert found["restored_words_guess"] is None and 0 <= found["restored_words"] <= 1


def test_the_information_of_separate_codes_is_the_logarithm_of_their_number() -> None:
    means = np.arange(50.0)[:, None] * 100
    assert metrics.mutual_information(means, np.ones((50, 1))) == pytest.approx(math.log(50))
    assert metrics.mutual_information(np.zeros((50, 3)), np.ones((50, 3))) == pytest.approx(0)


def test_the_information_of_normal_codes_is_that_of_a_noisy_channel() -> None:
    rng = np.random.default_rng(1)
    means, spread = rng.normal(0, 0.8, (4000, 2)), 0.6  # together a standard normal
    exact = 2 * 0.5 * math.log(1 / spread**2)
    assert metrics.mutual_information(means, np.full((4000, 2), spread)) == pytest.approx(exact, abs=0.06)


def longest(x: list[int], y: list[int]) -> int:
    if not x or not y:
        return 0
    if x[-1] == y[-1]:
        return 1 + longest(x[:-1], y[:-1])
    return max(longest(x[:-1], y), longest(x, y[:-1]))


def test_words_in_their_order_are_the_longest_common_subsequence() -> None:
    rng = np.random.default_rng(0)
    before = [rng.integers(4, 8, rng.integers(0, 7)).tolist() for _ in range(60)]
    after = [rng.integers(4, 8, rng.integers(0, 7)).tolist() for _ in range(60)]
    wanted = [longest(x, y) / max(len(x), len(y)) if x or y else 1.0 for x, y in zip(before, after, strict=True)]
    assert metrics.in_order(before, after).tolist() == wanted
    assert metrics.in_order([], []).shape == (0,)
    assert metrics.in_order([[]], [[]]).tolist() == [1.0]


def test_the_report_shows_texts_beside_what_came_back(used: Any, tmp_path: Path) -> None:
    source = latently.open(LINES)
    page = write_report(used, source, tmp_path).read_text("utf-8")
    assert "Through the code and back" in page and "From one text to another" in page
    assert "Divergence of each number of the code" in page
    assert "mutual_information" in (tmp_path / "health.json").read_text("utf-8")
    for text in used.sample(20, seed=used.seed):
        assert text in page
    assert "latently reconstruct" in page and "latently write" not in page
    assert "model.inverse_transform(codes)" in page


def test_the_way_of_the_report_is_that_of_interpolate(used: Any) -> None:
    some = latently.open(LINES)[:5]
    way = walk(used, some, seed=0)
    assert len(way) == 7
    used.set_output(transform="pandas")
    try:
        assert walk(used, some, seed=0) == way, "whatever transform hands out"
    finally:
        used.set_output(transform="default")
