"""Cleaning and vocabularies: what becomes a token, what is kept, and back to the same text."""

import sys
import unicodedata
from collections import Counter

import pytest

from latently import MissingPackageError
from latently.data.cleaning import RULES
from latently.data.vocabulary import SPECIAL, UNITS, Vocabulary

FAMILY, THUMB, FLAG = "👩‍👩‍👧", "👍🏽", "🇰🇷"
MIXED = f'He said: "I don\'t (really) know--yes... 3.14 at 10:30!" {FAMILY} {THUMB} {FLAG}'


@pytest.fixture(scope="module")
def korean(shared):
    return [line for line in (shared / "text/korean.txt").read_text("utf-8").splitlines() if line.strip()]


@pytest.fixture(scope="module")
def plays(shared):
    """Shakespeare's lines by row 20's rule."""
    lines = (shared / "text/tinyshakespeare.txt").read_text("utf-8").splitlines()
    return [line for line in lines if RULES["latin"].keeps(line)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Don't go, well-known one!", ["Don't", "go", ",", "well-known", "one", "!"]),
        ("재밌어요~ ㅋㅋ^^", ["재밌어요", "~", "ㅋㅋ", "^", "^"]),
        ("?!…、。", ["?", "!", "…", "、", "。"]),
        (f"a{FAMILY}{THUMB}{FLAG}{FLAG} 1️⃣", ["a", FAMILY, THUMB, FLAG, FLAG, "1️⃣"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("שָׁלוֹם, عربي؟", ["שָׁלוֹם", ",", "عربي", "؟"]),
        ("e\u0301te\u0301 q\u0301x", ["été", "q\u0301x"]),
        ("한글" + unicodedata.normalize("NFD", "한글"), ["한글한글"]),
        ("co\u00adop می‌خواهم", ["co\u00adop", "می‌خواهم"]),
        ("3.14 1,000 10:30 a.b", ["3.14", "1,000", "10:30", "a", ".", "b"]),
        ("speak--it - or", ["speak", "--", "it", "-", "or"]),
        ("tabs\tand\nlines\u3000end", ["tabs", "and", "lines", "end"]),
    ],
)
def test_words_by_the_unicode_rule(text, words):
    assert RULES["unicode"].words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        MIXED,
        "",
        "안녕하세요. 반가워요! (정말) “네”",
        "It's 'so' \"good\", is it? #1 @you $5 50% and/or a & b",
        "你好，世界。「好」",
        "שלום, עולם! مرحبا؟",
        "Wait... what?! -- no",
    ],
)
def test_punctuation_that_was_set_apart_is_joined_again(text):
    rule = RULES["unicode"]
    assert rule.join(rule.words(text)) == text.replace(" -- ", "--")


def test_the_latin_rule_is_row_20s():
    rule = RULES["latin"]
    assert rule.words("First, I DON’T: *know* [it]; \"café\" 3-4 한글!") == [
        "first", ",", "i", "don", "'", "t", ":", "know", "it", ";", "café", "3", "4", "!",
    ]  # fmt: skip
    assert [rule.keeps(line) for line in ["All:", "All: ", "", " ", "--", "한글", "Speak, speak.", "!"]] == [
        False, False, False, False, False, False, True, True,
    ]  # fmt: skip
    assert rule.join(rule.words("Don't, I'll o'er; 'tis the king's!")) == "don't, i'll o'er; 'tis the king's!"


@pytest.mark.parametrize("unit", ["word", "character"])
def test_order_specials_and_the_limit(unit):
    texts = ["b b a", "c a b", "d"]
    vocabulary = Vocabulary.learn(unit, "none", texts, most=5)
    assert vocabulary.words[:4] == SPECIAL and len(vocabulary) == 6  # five and the padding
    counts = Counter(piece for text in texts for piece in (text.split() if unit == "word" else text))
    assert list(vocabulary.words[4:]) == sorted(counts, key=lambda piece: (-counts[piece], piece))[:2]
    assert Vocabulary.learn(unit, "none", texts, most=4).words[4:] == vocabulary.words[4:5]


def test_one_word_and_what_looks_like_a_special_token():
    alone = Vocabulary.learn("word", "unicode", ["go go", "go"])
    assert alone.words[4:] == ("go",) and alone.encode("go now go") == [4, 3, 4] and alone.decode([1, 4, 3, 2]) == "go"
    tricky = Vocabulary.learn("word", "none", ["<end> <unk> x", "<end>"])
    assert tricky.encode("<end> x") == [4, 6] and tricky.decode([4, 5, 6, 2, 6]) == "<end> <unk> x"


def test_what_is_not_kept_is_named():
    words = Vocabulary.learn("word", "unicode", ["I love you."])
    assert words.unknown("I love Jeju, Jeju and you") == ["Jeju", ",", "and"]
    assert Vocabulary.learn("character", "unicode", ["abc"]).unknown("cadd!") == ["d", "!"]


@pytest.mark.parametrize("text", [MIXED, " two  spaces\t", "e\u0301 \u200f!؟\u202b", "a\nb\r\n", "\x07\x1b", ""])
def test_characters_without_cleaning_lose_nothing(text):
    vocabulary = Vocabulary.learn("character", "none", [text])
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_bpe_learns_pieces_that_are_plain_data():
    pytest.importorskip("tokenizers")
    texts = ["low lower lowest", "new newer newest", "사랑해요! 사랑해"] * 3
    vocabulary = Vocabulary.learn("bpe", "unicode", texts, most=40)
    assert vocabulary == Vocabulary.learn("bpe", "unicode", texts, most=40)
    assert vocabulary.words[:4] == SPECIAL and len(vocabulary) <= 41 and len(set(vocabulary.words)) == len(vocabulary)
    assert "▁low" in vocabulary.words and all(a + b in vocabulary.words for a, b in vocabulary.merges)
    again = Vocabulary("bpe", "unicode", vocabulary.words, vocabulary.merges)
    for text in [*texts, "lower newest!", "", "사랑해low"]:
        assert again.decode(again.encode(text)) == text and again.encode(text) == vocabulary.encode(text)
    assert again.unknown("low xyz 사랑 <unk>") == ["xyz", "<unk>"]
    assert 3 not in Vocabulary.learn("bpe", "none", ["a"], most=4).encode("")


def test_bpe_without_its_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingPackageError, match=r'needs tokenizers, .*; pip install "tokenizers>=0\.21"'):
        Vocabulary.learn("bpe", "unicode", ["a"])


def test_shakespeare_by_row_20(plays):
    vocabulary = Vocabulary.learn("word", "latin", plays, most=7000)
    whole = Vocabulary.learn("word", "latin", plays, most=10**6)
    assert (len(plays), len(vocabulary), len(whole)) == (24_015, 7_001, 11_184)
    assert vocabulary.words[4:8] == (",", ".", "the", "'")
    tokens = [token for line in plays for token in vocabulary.encode(line)]
    assert len(tokens) == 228_533 and tokens.count(3) / len(tokens) < 0.02
    assert len(Vocabulary.learn("character", "latin", plays)) == 4 + 35


def test_korean_keeps_every_syllable(korean):
    rule = RULES["unicode"]
    for line in korean:
        composed = unicodedata.normalize("NFC", line)
        words = rule.words(line)
        assert "".join(words) == "".join(composed.split())
        assert "".join(rule.join(words).split()) == "".join(words)
    characters = Vocabulary.learn("character", "unicode", korean)
    assert len(characters) == 4 + len(set("".join(korean))) == 1_830  # all there are
    assert all(characters.decode(characters.encode(line)) == unicodedata.normalize("NFC", line) for line in korean)
    plain = Vocabulary.learn("character", "none", korean)
    assert all(plain.decode(plain.encode(line)) == line for line in korean)


def test_korean_in_sub_words(korean):
    pytest.importorskip("tokenizers")
    small = [Vocabulary.learn("bpe", "unicode", korean[:500], most=300) for _ in range(5)]
    assert all(vocabulary == small[0] for vocabulary in small) and len(small[0]) == 301  # many signs are equally rare
    vocabulary = Vocabulary.learn("bpe", "unicode", korean[:3000], most=UNITS["bpe"].most)
    assert len(vocabulary) == 5_001
    back = [vocabulary.decode(vocabulary.encode(line)) == " ".join(line.split()) for line in korean[:3000]]
    assert all(back)
