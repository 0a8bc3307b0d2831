"""Texts: what `open` makes of files, lists and columns, and the sentence with which it refuses the rest."""

import codecs
import gzip
import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

import latently
from latently import InputError, InputTypeError, LatentlyWarning

LINES = ["I love you.", "", "사랑해요!", "   ", "שלום, עולם"]
quiet = pytest.mark.filterwarnings("ignore::latently.LatentlyWarning")


def written(path, data):
    (path.write_bytes if isinstance(data, bytes) else path.write_text)(data)
    return path


def test_a_line_is_a_text_and_empty_ones_are_counted(tmp_path):
    path = written(tmp_path / "lines.txt", "\n".join(LINES).encode())
    with pytest.warns(LatentlyWarning, match=r"^2 of 5 lines of lines\.txt are empty and were left out; texts are c"):
        source = latently.open(path)
    assert source.data == [LINES[0], LINES[2], LINES[4]]
    assert (source.kind, source.summary, source.names) == ("text", "3 texts, 2 words on average", ["0", "1", "2"])
    assert len(source.notes) == 1 and source.origin == str(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_line_ends_and_marked_encodings_are_read(tmp_path, end, encoding):
    texts = ["one 하나", "two 둘"]
    source = latently.open(written(tmp_path / "a.txt", (end.join(texts) + end).encode(encoding)))
    assert source.data == texts and source.names == ["0", "1"]
    plain = latently.open(written(tmp_path / "b.txt", "\n".join(texts).encode()))
    assert source.fingerprint() == plain.fingerprint()


def test_utf_16_of_the_other_byte_order_and_a_packed_file(tmp_path):
    big = codecs.BOM_UTF16_BE + "하나\n둘".encode("utf-16-be")
    assert latently.open(written(tmp_path / "a.txt", big)).data == ["하나", "둘"]
    assert latently.open(written(tmp_path / "a.txt.gz", gzip.compress(b"one\ntwo", mtime=0))).data == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"", "a.txt is empty; give a file with a text a line"),
        ("a.txt", b" \n\n\t\n", "a.txt is empty"),
        (
            "a.txt",
            b"fine\nna\xefve\n",
            r"a\.txt, line 2: byte 3 of the line \(0xef\) is not UTF-8; it looks like CP1252",
        ),
        ("a.txt", "좋아\n싫어".encode("euc-kr"), r"line 1: byte 1 of the line \(0xc1\) is not UTF-8"),
        (
            "a.txt",
            "똠방각하".encode("cp949"),
            r"looks like CP949, so convert it with: iconv -f CP949 -t UTF-8 .*\.txt",
        ),
        (
            "a.txt.gz",
            gzip.compress("좋아".encode("cp949"), mtime=0),
            "it looks like CP949; unpack it, and save it again",
        ),
        ("a.txt", "これは".encode("cp932"), "iconv -f CP932 -t UTF-8"),
        ("a.txt", codecs.BOM_UTF8 + b"ab\xff", r"line 1: byte 3 of the line \(0xff\) is not UTF-8;"),
        ("a.txt", codecs.BOM_UTF16_LE + b"\x00\xd8a", r"byte 3 of the file \(0x00\) is not UTF-16"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00", "line 3: byte 1 of the line is zero: this is no text"),
        ("a.txt.gz", b"no gzip", "cannot be read"),
        ("a.jsonl", b"", "a.jsonl is empty"),
        ("a.jsonl", b'"one"\n{"text": \n', "a.jsonl, line 2: this is no JSON"),
        ("a.jsonl", b'"one"\n3\n', "line 2: '3' is neither a string nor an object"),
        ("a.jsonl", b'"one"\n{"text": "x"}\n', "line 2: .* not what the first line is"),
        ("a.jsonl", b'{"a": "x", "b": "y"}\n', r"more than one field of texts \(a, b\); say with text=NAME"),
        ("a.jsonl", b'{"a": 1}\n', "has no field of texts"),
        ("a.jsonl", b'"caf\xe9"\n', "line 1: byte 5 of the line"),
    ],
)
def test_files_that_are_no_texts_are_refused(tmp_path, name, data, words):
    with pytest.raises(InputError, match=words):
        latently.open(written(tmp_path / name, data))


def test_one_line_and_a_very_long_one(tmp_path):
    assert latently.open(written(tmp_path / "a.txt", "one line")).summary == "1 text, 2 words"
    long = "word " * 20_000
    with pytest.warns(LatentlyWarning, match=r"b\.txt is a single line and so a single text"):
        source = latently.open(written(tmp_path / "b.txt", long))
    assert len(source) == 1 and source.data == [long]


def test_json_lines(tmp_path):
    def opened(cells, **how):
        text = "\n\n".join(json.dumps(cell, ensure_ascii=False) for cell in cells)
        return latently.open(written(tmp_path / "a.jsonl", text), **how)

    assert opened(["one", "하나\n둘"]).data == ["one", "하나\n둘"]
    assert opened([{"text": "one", "other": "x"}]).data == ["one"]
    assert opened([{"line": "one", "n": 1}, {"line": "two", "n": 2}]).data == ["one", "two"]
    labelled = opened([{"a": "x", "b": "one"}, {"a": "y", "b": "two"}], text="b", labels="a")
    assert labelled.data == ["one", "two"] and labelled.labels.tolist() == ["x", "y"] and labelled.label == "a"
    assert labelled[[1]].labels.tolist() == ["y"] and labelled.names == ["0", "1"]
    with pytest.raises(InputError, match=r"text='bb' names no field of .*; did you mean 'b'"):
        opened([{"a": "x", "b": "y"}], text="bb")
    with pytest.raises(InputError, match=r"field 'n' of .* holds no texts"):
        opened([{"a": "x", "n": 1}], text="n")
    with pytest.raises(InputError, match=r"labels='mood' names no field of .*; its only one is 'a'"):
        opened([{"a": "x"}], labels="mood")


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet"])
@quiet
def test_a_column_of_a_file(tmp_path, ending):
    frame = pl.DataFrame({"mood": ["bad", "good", "bad"], "review": ["so, so", None, "aw\tful"], "n": [1, 2, 3]})
    path = latently.write(tmp_path / f"t{ending}", frame)
    source = latently.open(path, text="review", labels="mood")
    assert source.data == ["so, so", "", "aw\tful"]
    assert source.labels.tolist() == ["bad", "good", "bad"] and source.notes == ["1 of 3 texts are empty."]
    assert source.origin == str(path) and source.reading.given == {"text": "review"}
    with pytest.raises(InputError, match="text='reviews' names no column of the table; did you mean 'review'"):
        latently.open(path, text="reviews")
    with pytest.raises(InputError, match="column 'n' of the table holds no texts"):
        latently.open(path, text="n")
    with pytest.raises(InputError, match=r"more than one column of texts \(mood, review\)"):
        latently.open(path, kind="text")
    assert latently.open(path).kind == "table"


def test_columns_of_frames():
    frame = pd.DataFrame({"text": ["a b", "c d"], "y": [0, 1]})
    for given in (frame, latently.open(frame), pl.from_pandas(frame)):
        source = latently.open(given, text="text", labels="y")
        assert source.data == ["a b", "c d"] and source.labels.tolist() == [0, 1]
    assert latently.open(frame.astype({"text": "category"}), text="text").data == ["a b", "c d"]
    assert latently.open(["a", "b"], labels=["x", "y"])[1:].labels.tolist() == ["y"]


@quiet
def test_a_folder_of_documents(tmp_path):
    for name, data in {
        "good/a.txt": "하나\n둘\n",
        "bad/b.TXT": "three",
        "bad/.c.txt": "hidden",
        "bad/d.md": "#",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        written(tmp_path / name, data)
    source = latently.open(tmp_path)
    assert source.names == ["bad/b.TXT", "good/a.txt"] and source.labels.tolist() == ["bad", "good"]
    assert source.data == ["three", "하나\n둘\n"]
    written(tmp_path / "bad" / "broken.txt", b"\xff")
    written(tmp_path / "bad" / "empty.txt", "")
    with pytest.warns(LatentlyWarning, match=r"1 of 5 files are no \.txt and were left out"):
        latently.open(tmp_path)
    written(tmp_path / "paper.pdf", b"%PDF")  # Pillow writes these and reads none
    with pytest.warns(LatentlyWarning, match=r"2 of 4 files were left out, the first of them: .*broken\.txt, line 1"):
        assert len(latently.open(tmp_path)) == 2


def test_a_folder_of_pictures_with_a_word_about_them_is_one_of_pictures(tmp_path):
    latently.write(tmp_path, np.zeros((2, 4, 4), np.uint8))
    written(tmp_path / "about.txt", "These are black.")
    with pytest.warns(LatentlyWarning, match=r"about\.txt \(not a picture\)"):
        assert latently.open(tmp_path).kind == "image"
    with pytest.warns(LatentlyWarning, match=r"2 of 3 files are no \.txt and were left out"):
        assert latently.open(tmp_path, kind="text").data == ["These are black."]


def test_lists_that_are_no_texts():
    with pytest.raises(InputTypeError, match="item 1 of the list is 3 and no text"):
        latently.open(["a", 3])
    with pytest.raises(InputError, match=r"item 1 of the list has half a character at place 2 \(U\+D83D\)"):
        latently.open(["a", "b \ud83d"])
    with pytest.raises(InputError, match="none of the 2 texts holds a word"):
        latently.open(["", " "])
    with pytest.warns(LatentlyWarning, match="2 of 4 texts are empty"):
        assert latently.open(["a", None, float("nan"), "b"]).data == ["a", "", "", "b"]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"unit": "sentence"}, "unit='sentence' is not known; it is one of word, character, bpe"),
        ({"clean": "greek"}, "clean='greek' is not known; it is one of unicode, latin, none"),
        ({"vocabulary": 1}, "vocabulary=1 is not allowed; .* at least 4: <start>, <end> and <unk> are three of them"),
        ({"vocabulary": 7000.0}, "whole number"),
        ({"length": 2}, "length=2 is not allowed; .* at least 3"),
        ({"length": True}, "whole number"),
        ({"text": 1.5}, "not the name of a column"),
        ({"size": (4, 4)}, "size=.* is for pictures, but the data are 1 text"),
        ({"kinds": {"a": "number"}}, "for the columns of a table"),
        ({"kind": "image"}, "pictures must be given here, but the data are 1 text"),
    ],
)
def test_options_out_of_bounds(how, words):
    with pytest.raises(InputError, match=words):
        latently.open(["a"], **how)


def test_options_of_texts_are_refused_for_other_data():
    with pytest.raises(InputError, match=r"unit='word' is for texts, but the data are 3 pictures.*leave it out\.$"):
        latently.open(np.zeros((3, 4, 4)), unit="word")
    with pytest.raises(InputError, match="leave it out, or name the column of texts with text='COLUMN'"):
        latently.open(pl.DataFrame({"a": ["x"]}), length=9)
    source = latently.open(["a"], unit="character")
    assert latently.open(source) is source and latently.open(source, unit="character") is source
    with pytest.raises(InputError, match="cannot be changed once data are open"):
        latently.open(source, unit="word")


def test_slices_share_the_buffer_and_tell_themselves_apart():
    source = latently.open(["one", "둘", "three 3", "x"])
    part = source[[2, 1]]
    assert part.data == ["three 3", "둘"] and part.names == ["2", "1"] and part.buffer is source.buffer
    assert part.fingerprint() == latently.open(["three 3", "둘"]).fingerprint() != source.fingerprint()
    assert latently.open(["ab", "c"]).fingerprint() != latently.open(["a", "bc"]).fingerprint()
    assert source[1:3].data == ["둘", "three 3"]


def test_the_latin_rule_leaves_lines_out_and_says_so(tmp_path):
    path = written(tmp_path / "play.txt", "Romeo:\nBut soft!\n----\nWhat light\n\n")
    with pytest.warns(LatentlyWarning) as said:
        source = latently.open(path, clean="latin")
    assert source.data == ["But soft!", "What light"] and source.names == ["0", "1"]
    assert [str(note.message) for note in said] == source.notes == [
        "1 of 5 lines of play.txt are empty and were left out; texts are counted from 0.",
        "2 lines were left out by clean='latin'.",
    ]  # fmt: skip
    with pytest.raises(InputError, match="no line is left after cleaning with clean='latin', of 1"):
        latently.open(["안녕"], clean="latin")


def test_a_slice_of_no_texts_can_be_shown():
    assert repr(latently.open(["a b"])[:0]) == "<TextSource: 0 texts, 0 words on average>"


def test_other_models_say_that_they_do_not_read_texts():
    for name in ("vae", "ae", "cvae"):
        with pytest.raises(InputError, match="reads pictures, tables and series, but the data are 2 texts, 1 word"):
            latently.make(name).fit(["a", "b"])
    fitted = latently.AE(latent=1, epochs=1).fit(np.eye(4))
    with pytest.raises(InputError, match="texts were given and the model was fitted to a table; give a table"):
        fitted.transform(["a", "b"])


@quiet
def test_written_texts_can_be_opened_again(tmp_path):
    texts = ["I love you.", "사랑해요!", "👩‍👩‍👧"]
    assert latently.open(latently.write(tmp_path / "a.txt", texts)).data == texts
    assert latently.open(latently.write(tmp_path / "a.jsonl", [*texts, "two\nlines"])).data == [*texts, "two\nlines"]
    path = latently.write(tmp_path / "b.jsonl", texts, names=["x", "y", "z"], labels=np.array([1, 2, 1]))
    again = latently.open(path, text="text", labels="label")
    assert again.data == texts and again.labels.tolist() == [1, 2, 1]
    for path, items, words in [
        ("a.txt", ["two\nlines"], r"text 0 holds a line break .* choose \.jsonl"),
        ("a.csv", texts, r"texts cannot be written to .*a\.csv; choose \.txt or \.jsonl"),
        ("a.txt", np.zeros((2, 2)), "is for texts, but none were given"),
    ]:
        with pytest.raises(InputError, match=words):
            latently.write(tmp_path / path, items)
