"""The language model: it learns a grammar, tells probabilities that are ones, writes what it tells, and comes back."""

import itertools
import math
from functools import cache

import numpy as np
import pytest
import torch
from sklearn.base import clone

import latently
from latently.models.writing import drawn, searched
from latently.spec import END, PAD, START, UNKNOWN

ANIMALS, VERBS, PLACES = ("cat", "dog", "bird"), ("sat", "slept"), ("mat", "road")
LINES = [f"the {a} {v} on the {p}." for a, v, p in itertools.product(ANIMALS, VERBS, PLACES)] * 20


@cache
def fitted():
    lines = np.random.default_rng(0).permutation(LINES).tolist()
    return latently.LanguageModel(network="embed8 lstm24 gru16", epochs=25, lr=0.01, patience=0).fit(lines)


def test_it_learns_a_grammar():
    model = fitted()
    best = math.log(len(ANIMALS) * len(VERBS) * len(PLACES))  # nats of a line: three choices, the rest follows
    assert best - 0.05 < -model.log_probability(LINES).mean() < best + 0.3
    written = model.write(n=200, seed=0)
    assert np.mean([line in LINES for line in written]) > 0.9
    assert {"cat", "dog", "bird"} == {word for word, _ in model.next_words("the", 3)}


def test_the_held_out_perplexity_falls():
    model = fitted()
    before, after = model.untrained_["loss"], model.history_[-1]["validation"]["loss"]
    assert 12 < math.exp(before / 8) < 16  # of 14 tokens; a line has 8 to tell
    assert math.exp(after / 8) < 1.6


def test_next_words_are_all_that_can_be_written_and_their_probabilities_nearly_one():
    model = fitted()
    for prompt in ("", "the", "the cat sat on", "road road"):
        told = model.next_words(prompt, k=None)
        assert {word for word, _ in told} == {*model.codec_.words} - {"<pad>", "<start>", "<unk>"}
        assert 0.99 < sum(share for _, share in told) < 1  # the rest is that of what is never written
        assert [share for _, share in told] == sorted((share for _, share in told), reverse=True)
        assert model.next_words(prompt, k=2) == told[:2]


def test_no_empty_text_is_written():
    with pytest.warns(latently.LatentlyWarning, match="20 of 40 texts are empty"):
        model = latently.LanguageModel(network="embed4 lstm4", epochs=1).fit(["cat", ""] * 20)
    assert all(model.write(n=200, seed=0)) and all(model.sample(50, seed=1)) and model.write(beams=3)


def test_an_empty_list_is_one_of_texts():
    with pytest.raises(latently.InputError, match="the list is empty; give at least one item"):
        latently.LanguageModel().fit([])


def test_a_text_is_as_likely_as_its_words_one_after_the_other():
    model, text = fitted(), "the dog slept on the mat."
    words, so_far, chain = ["the", "dog", "slept", "on", "the", "mat", ".", "<end>"], "", 1.0
    for word in words:
        chain *= dict(model.next_words(so_far, k=None))[word]
        so_far = f"{so_far} {word}".strip()
    assert math.isclose(model.probability(text), chain, rel_tol=1e-4)
    assert math.isclose(math.log(chain), model.log_probability([text])[0], rel_tol=1e-4)
    assert model.probability("dog the the on.") < 1e-3 * chain


def test_odd_lines_stand_out():
    model = fitted()
    scores = model.score_samples(["the cat sat on the mat.", "mat the on cat sat the."])
    assert scores[0] > model.offset_ > scores[1]
    assert model.predict(["mat the on cat sat the."]).tolist() == [-1]
    assert model.predict(["mat mat", "xyzzy plugh", "xyzzy"]).tolist() == [-1] * 3, "short or unknown is not normal"


def test_writing_with_what_is_carried_is_the_same_as_reading_all_again():
    model = fitted()
    writer, prompt = model.module_.decoder, torch.tensor(model.codec_.tokens("the bird"))
    how = latently.Writing(temperature=0, max_words=12)
    carried = torch.stack([*drawn(writer, prompt, how)], 1)[0].tolist()
    again = prompt.tolist()
    with torch.inference_mode():
        while again[-1] != END:
            logits = writer(torch.zeros(1, 0), [torch.tensor([[*again, END]])])[-1]
            logits[[PAD, START, UNKNOWN]] = -torch.inf
            again.append(int(logits.argmax()))
    assert carried == again[len(prompt) :]
    assert model.write("the bird", temperature=0) == model.codec_.text(again)


def test_drawn_words_are_as_common_as_they_are_likely():
    model = fitted()
    firsts = [line.split()[1] for line in model.write("the", n=3000, max_words=1, seed=0)]
    told = dict(model.next_words("the", k=None))
    for animal in ANIMALS:
        share = told[animal] / sum(told.values())
        assert abs(firsts.count(animal) / 3000 - share) < 4 * math.sqrt(share * (1 - share) / 3000)


def test_one_beam_is_the_likeliest_word_each_time_and_many_find_the_likeliest_text():
    model = fitted()
    writer, prompt = model.module_.decoder, torch.tensor(model.codec_.tokens("the"))
    one = latently.Writing(temperature=0, max_words=4)
    greedy = torch.stack([*drawn(writer, prompt, one)], 1)
    assert torch.equal(searched(writer, prompt, latently.Writing(max_words=4)), greedy)
    assert model.write("the", temperature=0) == model.write("the", temperature=1e-30, seed=1)

    words = range(END, len(model.codec_.words))
    every = [(a, b) for a in words for b in words if UNKNOWN not in (a, b) and a != END] + [(END, PAD)]

    def price(text):
        with torch.inference_mode():
            logits = writer(torch.zeros(1, 0), [torch.tensor([[*prompt.tolist(), *[t for t in text if t]]])]).clone()
            logits[:, [PAD, START, UNKNOWN]] = -torch.inf
        told = logits.double().log_softmax(1)[len(prompt) - 1 :]
        return sum(float(told[i, t]) for i, t in enumerate(t for t in text if t))

    falling = sorted(every, key=price, reverse=True)
    found = searched(writer, prompt, latently.Writing(max_words=2, beams=200, n=5))
    assert [tuple(row) for row in found.tolist()] == falling[:5]


def test_beams_are_written_the_likeliest_first():
    model = fitted()
    texts = model.write("the cat", beams=6, n=4)
    shares = [model.probability(text) for text in texts]
    assert len(set(texts)) == 4 and shares == sorted(shares, reverse=True)
    assert model.write("the cat", beams=6) == texts[0]


def test_narrower_choices_are_kept():
    model = fitted()
    likeliest = model.next_words("the", k=1)[0][0]
    assert set(model.write("the", n=50, max_words=1, top_k=1)) == {f"the {likeliest}"}
    assert set(model.write("the", n=50, max_words=1, top_p=1e-9)) == {f"the {likeliest}"}
    assert len(set(model.write("the", n=200, max_words=1, top_k=2, seed=0))) == 2
    assert len(set(model.write("the", n=200, max_words=1, top_p=1.0, seed=0))) >= 3
    assert len(set(model.write("the", n=200, max_words=1, top_k=10**9, seed=0))) >= 3


def test_the_same_seed_writes_the_same():
    model = fitted()
    assert model.write(n=20, seed=1) == model.write(n=20, seed=1) != model.write(n=20, seed=2)
    assert model.write("the", seed=5) == "the" + "".join(model.writing("the", seed=5))
    assert len({model.write("the", max_words=6) for _ in range(20)}) > 1  # without a seed: new each time


def test_words_come_as_they_are_written():
    pieces = list(fitted().writing("the cat sat", temperature=0))
    assert pieces[:3] == [" on", " the", " mat"] or pieces[:3] == [" on", " the", " road"]
    assert pieces[3:] == ["."]


def test_no_more_words_than_asked_are_written_and_one_text_is_no_list():
    model = fitted()
    assert model.write("the", max_words=1, temperature=0).count(" ") == 1
    assert isinstance(model.write(), str)
    assert model.write(n=1, seed=0) == [model.write(seed=0)]


def test_an_empty_prompt_begins_at_the_beginning():
    assert fitted().write(temperature=0).startswith("the ")
    assert fitted().write("  ", temperature=0).strip().startswith("the ")


def test_a_prompt_of_unknown_words_works_and_says_so():
    with pytest.warns(latently.LatentlyWarning, match="Not in the vocabulary, and read as <unk>: zebra, unicorn"):
        written = fitted().write("zebra unicorn", temperature=0)
    assert written.startswith("zebra unicorn ") and len(written.split()) > 2


def test_a_prompt_longer_than_any_text_is_read_whole():
    model = fitted()
    long = "the cat sat on the mat. " * 300
    assert len(model.codec_.tokens(long)) > 50 * model.codec_.spec.shape[0]
    short = model.next_words("the cat sat on the mat. " * 5, k=None)
    assert model.next_words(long, k=None) != short  # what stands far behind the limit still moves the state
    assert model.write(long, max_words=3, temperature=0).startswith(long.strip())


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"temperature": -0.1}, "temperature=-0.1 is not allowed; it is a number, at least 0"),
        ({"temperature": float("nan")}, "temperature=nan is not allowed"),
        ({"temperature": "hot"}, "temperature='hot' is not allowed"),
        ({"top_k": 0}, "top_k=0 is not allowed; it is a whole number or None, at least 1"),
        ({"top_p": 0}, "top_p=0 is not allowed; it is a number or None, from 1e-09 to 1"),
        ({"top_p": 1.2}, "top_p=1.2 is not allowed"),
        ({"max_words": 0}, "max_words=0 is not allowed"),
        ({"seed": -1}, "seed=-1 is not allowed"),
        ({"beams": 0}, "beams=0 is not allowed"),
        ({"n": 0}, "n=0 is not allowed"),
        ({"beams": 3, "temperature": 0.5}, "beams=3 looks for the likeliest text and draws nothing"),
        ({"beams": 3, "n": 4}, "n=4 texts are wanted and beams=3 are kept in mind"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_sentence(asked, sentence):
    with pytest.raises(latently.ParameterError, match=sentence):
        fitted().write("the", **asked)


def test_writing_says_what_is_wrong_before_the_first_word():
    with pytest.raises(latently.ParameterError, match="temperature"):
        fitted().writing("the", temperature=-1)


@pytest.mark.parametrize("k", [0, True, 1.5])
def test_next_words_are_a_number_of_words(k):
    with pytest.raises(latently.ParameterError, match="next_words: k="):
        fitted().next_words("the", k=k)


def test_a_prompt_is_a_text():
    with pytest.raises(latently.ParameterError, match="7 is no text; give one"):
        fitted().write(7)


def test_the_codes_of_texts_are_mean_states():
    model = fitted()
    codes = model.transform(LINES[:12])
    assert codes.shape == (12, 16) and codes.dtype == np.float32
    np.testing.assert_allclose(model.transform(LINES[:12][::-1])[::-1], codes, atol=1e-5)
    np.testing.assert_allclose(model.transform([LINES[0]]), codes[:1], atol=1e-5)  # padding counts nothing
    assert list(model.get_feature_names_out())[-1] == "languagemodel15"


def test_what_has_no_meaning_without_a_code_is_said():
    model = fitted()
    for verb in (model.reconstruct, model.inverse_transform):
        with pytest.raises(latently.InputError, match="write and sample make new texts"):
            verb(LINES[:2])
    with pytest.raises(latently.InputError, match="knows no labels"):
        model.sample(2, label="cat")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"latent": 3}, "latent=3 is not allowed; it is None .a text's code is empty"),
        ({"encoder": "dense3"}, "encoder='dense3' is not allowed; it is None"),
        ({"decoder": "dense3"}, "decoder='dense3' is not allowed; it is None .it is what `network` spells"),
        ({"likelihood": "normal"}, "likelihood='normal' is not allowed; it is 'auto'"),
        ({"prior": "flow"}, "prior='flow' is not allowed; it is 'auto'"),
        ({"network": "lstm8"}, "network: it begins with lstm8"),
    ],
)
def test_settings_that_a_code_would_have_are_refused(given, sentence):
    with pytest.raises(latently.ParameterError, match=sentence):
        latently.LanguageModel(**given).fit(LINES)


def test_a_saved_model_is_the_same(tmp_path):
    model = fitted()
    again = latently.load(model.save(tmp_path / "m.safetensors"))
    assert np.array_equal(again.score_samples(LINES[:12]), model.score_samples(LINES[:12]))
    assert np.array_equal(again.transform(LINES[:12]), model.transform(LINES[:12]))
    assert again.write("the", n=5, seed=3) == model.write("the", n=5, seed=3)
    assert again.sample(5, seed=3) == model.sample(5, seed=3)
    assert again.get_params() == model.get_params() == clone(model).get_params()
    assert again.offset_ == model.offset_


def test_samples_depend_on_their_seed_alone():
    model = fitted()
    assert model.sample(9, seed=1) == model.sample(9, seed=1) != model.sample(9, seed=2)
    assert len(model.sample(3)) == 3


def test_layers_may_be_objects():
    layers = [latently.nets.Embed(4), latently.nets.LSTM(8)]
    model = latently.LanguageModel(network=layers, epochs=1).fit(LINES)
    assert model.networks_ == {"encoder": "", "decoder": f"embed4:v{len(model.codec_.words)} lstm8 dense14"}


def test_characters_are_written_without_blanks_between():
    source = latently.open([line[4:] for line in LINES], unit="character")
    model = latently.LanguageModel(network="embed8 lstm32", epochs=15, lr=0.01).fit(source)
    assert model.write("cat s", temperature=0, max_words=3) in ("cat sat ", "cat slep")
    assert "".join(model.writing("cat ", seed=1)) == model.write("cat ", seed=1)[4:]


def test_its_anatomy_is_that_of_its_network():
    found = latently.anatomy(fitted())
    assert found.parameters == sum(p.numel() for p in fitted().module_.parameters())
    assert [row.name for row in found.rows] == ["embed8:v14", "lstm24", "gru16", "dense14"]
    with pytest.raises(latently.ParameterError, match="knows its network once it knows its vocabulary; fit it first"):
        latently.anatomy(latently.LanguageModel())
    with pytest.raises(latently.InputError, match="not of texts; leave the item out"):
        latently.anatomy(fitted(), item=LINES)


def test_an_apostrophe_leans_on_the_word_behind_it_as_words_come():
    lines = latently.open(["i don't know.", "i don't care."] * 30, clean="latin")
    model = latently.LanguageModel(network="embed8 lstm16", epochs=20, lr=0.02).fit(lines)
    for prompt, written in (("", "i don't"), ("i", "i don't"), ("i don'", "i don't"), ("i don' ", "i don' t")):
        texts = {model.write(prompt, seed=seed, temperature=0.1) for seed in range(3)}
        assert all(text.startswith(written) for text in texts)
        assert {prompt + "".join(model.writing(prompt, seed=seed, temperature=0.1)) for seed in range(3)} == texts
