"""Texts to tokens and back: through a file, at any length, in any script."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

import latently
from latently import InputError, LatentlyWarning, ModelFileError
from latently.data import codec_from_json, fit_codec
from latently.spec import Spec

LINES = ["I love you.", "You love me, too!", "사랑해요 정말!", "שלום, עולם", "👩‍👩‍👧 é हिन्दी"]
quiet = pytest.mark.filterwarnings("ignore::latently.LatentlyWarning")


@pytest.mark.parametrize("unit", ["word", "character", "bpe"])
@pytest.mark.parametrize("clean", ["unicode", "none"])
def test_what_goes_in_comes_out(unit, clean):
    if unit == "bpe":
        pytest.importorskip("tokenizers")
    source = latently.open(LINES, unit=unit, clean=clean)
    codec = fit_codec(source)
    again = codec_from_json(json.loads(json.dumps(codec.to_json())))
    assert again == codec and (again.unit, again.clean) == (unit, clean)
    items = again.pack(source)
    assert codec.spec == Spec("text", (codec.length,), vocabulary=len(codec.words)) and items.shape == codec.spec.shape
    batch = items.take(torch.arange(len(LINES)))
    assert batch.shape == (len(LINES), codec.length)  # the longest is the length
    assert (batch[:, 0] == 1).all() and ((batch == 2).sum(1) == 1).all() and not (batch == 3).any()
    assert codec.restore(batch.numpy()) == LINES
    assert items.lengths.tolist() == (batch != 0).sum(1).tolist()
    for row, line in enumerate(LINES):
        assert [*codec.tokens(line), 2] == batch[row, : items.lengths[row]].tolist()


def test_what_a_model_asks_of_it():
    codec = fit_codec(latently.open(LINES))
    assert codec.words[:4] == ["<pad>", "<start>", "<end>", "<unk>"]
    assert codec.tokens("") == [1] and codec.text([1, *codec.tokens("I love me")[1:], 2, 9]) == "I love me"
    assert codec.unknown("I hate you") == ["hate"] and codec.tokens("hate") == [1, 3]
    assert codec.separator == " " and fit_codec(latently.open(LINES, unit="character")).separator == ""


def test_the_spec_counts_tokens():
    spec = fit_codec(latently.open(["a b c"] * 9)).spec
    assert (spec.size, spec.width, spec.open, spec.blank) == (5, 5 * 6, (4, 7), 0.0)


def test_the_length_is_that_of_nearly_all_texts():
    texts = ["one two three"] * 995 + ["so " * 50] * 5
    source = latently.open(texts)
    codec = fit_codec(source)
    assert codec.length == 5
    with pytest.warns(LatentlyWarning, match="5 of 1000 texts are longer than 3 words and were cut there; length=N"):
        items = codec.pack(source)
    assert items.take(torch.tensor([999])).tolist() == [[*codec.tokens("so so so"), 2]]
    assert fit_codec(latently.open(texts, length=20)).length == 20
    assert fit_codec(latently.open(["x"])).length == 3


@pytest.mark.parametrize("unit", ["word", "character"])
def test_a_line_of_100_000_characters(unit):
    source = latently.open(["word " * 20_000, "short one"], unit=unit)
    codec = fit_codec(source)
    assert codec.length == 256
    with pytest.warns(LatentlyWarning, match="1 of 2 texts are longer than 254"):
        back = codec.restore(codec.pack(source).take(torch.tensor([0, 1])).numpy())
    assert back[1] == "short one" and ("word " * 20_000).startswith(back[0]) and len(back[0]) >= 253


def test_a_vocabulary_that_is_too_small_says_what_is_lost():
    source = latently.open(["a a a b", "a c"], vocabulary=4)
    with pytest.warns(LatentlyWarning, match="33 % of the words are told as <unk>: the vocabulary holds 4 tokens"):
        codec = fit_codec(source)
    assert codec.words[4:] == ["a"] and codec.spec.vocabulary == 5
    assert codec.restore(codec.pack(source).take(torch.tensor([0])).numpy()) == ["a a a"]


@quiet
def test_only_punctuation():
    codec = fit_codec(latently.open(["?!", "...", "--"]))
    assert codec.restore(codec.pack(latently.open(["...", "?!"])).take(torch.tensor([0, 1])).numpy()) == ["...", "?!"]
    with pytest.raises(InputError, match="no line is left"):
        latently.open(["--", "***"], clean="latin")
    with pytest.raises(InputError, match="a word that can be kept, cleaned by 'unicode'"):
        fit_codec(latently.open(["x", "\u3000"])[[1]])


def test_other_data_are_refused():
    codec = fit_codec(latently.open(LINES))
    for X, given in [(np.zeros((2, 3)), "a table was"), (np.zeros((2, 4, 4)), "pictures were")]:
        with pytest.raises(InputError, match=f"{given} given and the model was fitted to texts; give texts"):
            codec.pack(latently.open(X))
        with pytest.raises(InputError, match="texts were given"):
            fit_codec(latently.open(X)).pack(latently.open(LINES))


@quiet
def test_a_table_is_read_at_the_column_that_it_was_fitted_to():
    frame = pd.DataFrame({"mood": ["x", "y"], "review": ["good one", "bad one"]})
    codec = fit_codec(latently.open(frame, text="review"))
    other = pd.DataFrame({"review": ["one", None, "bad"], "n": [1, 2, 3]})
    texts = codec_from_json(codec.to_json()).labelled(latently.open(other))
    assert (
        texts.data == ["one", "", "bad"]
        and codec.restore(codec.pack(texts).take(torch.arange(3)).numpy()) == texts.data
    )
    assert codec.asked == {"clean": "unicode", "text": "review"}


def test_the_column_of_the_labels_is_remembered_and_need_not_be_there(tmp_path):
    frame = pd.DataFrame({"mood": ["x", "y"], "review": ["good one", "bad one"]})
    codec = codec_from_json(fit_codec(latently.open(frame, text="review", labels="mood")).to_json())
    assert codec.label == "mood" and fit_codec(latently.open(frame, text="review", labels=["a", "b"])).label is None
    assert codec.labelled(latently.open(frame)).labels.tolist() == ["x", "y"]
    assert codec.labelled(latently.open(frame, labels=[1, 2])).labels.tolist() == [1, 2], "labels given stay"
    assert codec.labelled(latently.open(frame[["review"]])).labels is None
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    frame[["review"]].to_csv(tmp_path / "b.csv", index=False)
    (tmp_path / "b.jsonl").write_text('{"review": "good"}\n')
    (tmp_path / "b.txt").write_text("good\n")
    for name in ("a.csv", "a.jsonl"):
        assert latently.open(tmp_path / name, kind="text", **codec.asked).labels.tolist() == ["x", "y"]
    for name in ("b.csv", "b.jsonl"):
        assert latently.open(tmp_path / name, kind="text", **codec.asked).labels is None


@pytest.mark.parametrize(
    "change",
    [
        {"unit": "sentence"},
        {"clean": "greek"},
        {"length": 2},
        {"length": True},
        {"length": 2**40},
        {"words": []},
        {"words": ["a", "a"]},
        {"words": ["a", 3]},
        {"words": ["a", ""]},
        {"unit": "character", "words": ["ab"]},
        {"merges": [["a", "b"]]},
        {"unit": "bpe", "words": ["a", "b"], "merges": [["a", "b"]]},
        {"unit": "bpe", "merges": [["a"]]},
        {"column": 1.5},
        {"words": None},
    ],
)
def test_a_description_that_was_tampered_with_is_refused(change):
    data = fit_codec(latently.open(LINES)).to_json()
    with pytest.raises(ModelFileError, match="cannot be read"):
        codec_from_json(data | change)
    with pytest.raises(ModelFileError):
        codec_from_json({key: value for key, value in data.items() if key not in change})
