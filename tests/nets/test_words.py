"""Every word: read back as it was spelled, refused in every bad form with a sentence that helps."""

import re
import time
from dataclasses import fields
from pathlib import Path

import pytest
import torch

from latently.errors import ParameterError
from latently.nets import Layer, Network, build, mirror, pair, parse, shapes, spell
from latently.nets.layer import declared
from latently.nets.spelling import LAYERS, WORDS
from latently.parts import Plain
from latently.spec import Spec

PICTURE, SEQUENCE, VECTOR = (4, 12, 12), (6, 8), (24,)
READ = {"picture": PICTURE, "sequence": SEQUENCE, "tokens": (6,), "anything": VECTOR}
SPELLED = {word: WORDS[word].example if WORDS[word].word else word for word in WORDS}
SPELLED |= {"reshape": "reshape2x3x4", "join": "join3"}


def refused(spelling, shape=VECTOR, where="network"):
    with pytest.raises(ParameterError) as caught:
        build(parse(spelling, where), shape, where)
    message = str(caught.value)
    assert "\n" not in message and message.startswith(where)
    return message


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_read_back_and_makes_the_shape_that_it_promises(word):
    layer = parse(SPELLED[word])[0]
    assert parse(str(layer)) == [layer]
    if word in ("join", "add"):
        return
    before = READ[layer.reads]
    x = torch.rand(2, *before) if layer.reads != "tokens" else torch.randint(0, 9, (2, *before))
    network = build([layer], before, "network").eval()
    assert tuple(network(x).shape[1:]) == shapes([layer], before, "network")[-1]


@pytest.mark.parametrize("word", [w for w in WORDS if w not in ("join", "add", "keep", "reshape")])
def test_the_mirror_of_a_word_leads_back(word):
    layer = parse(SPELLED[word])[0]
    before = READ[layer.reads]
    after = shapes([layer], before, "encoder")[-1]
    back = mirror([layer], before, "encoder")
    ends = shapes(back, after, "decoder")[-1]
    assert ends == ((6, 7001) if word == "embed" else before)


@pytest.mark.parametrize("cls", LAYERS, ids=lambda c: c.__name__)
def test_a_layer_s_fields_are_its_word(cls):
    assert cls.__doc__ and "`" in cls.__doc__.splitlines()[0]
    spelled = set(declared(cls))
    assert {f.name for f in fields(cls)} - spelled <= {"handed"}


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("dence32", "did you mean dense, as in dense32?"),
        ("Dense32", "did you mean dense"),
        ("conv2d16", "did you mean conv"),
        ("deconv16", "did you mean conv"),
        ("maxpool2", "did you mean pool, as in pool2?"),
        ("unpol2", "did you mean unpool"),
        ("flaten", "did you mean flatten?"),
        ("sigmoyd", "did you mean sigmoid?"),
        ("dropout0.2", "did you mean drop"),
        ("ltsm8", "did you mean lstm"),
        ("qqqq", "a layer is spelled like dense32"),
        ("32", "a layer is spelled like dense32"),
        ("한글", "a layer is spelled like dense32"),
        ("conv16,k3", "did you mean conv, as in conv16:k3:s2:same?"),
    ],
)
def test_an_unknown_word_is_told_the_nearest(word, hint):
    message = refused(f"relu {word}")
    assert f"network, word 2: {word!r} is not a layer; " in message and hint in message


SIZED = [word for word, cls in WORDS.items() if cls.word and any(w.key is None for w in declared(cls).values())]
BARE = [word for word in WORDS if word not in SIZED]


@pytest.mark.parametrize("word", [w for w in SIZED if w not in ("pool", "up", "nails", "unpool", "join")])
def test_a_size_that_is_missing_is_asked_for(word):
    assert f"word 1: {word!r} is not a layer: it does not say its " in refused(word)


@pytest.mark.parametrize("number", ["0", "-3", "99999999999999999999", "2147483649", "1.5", "3x", "x3"])
@pytest.mark.parametrize("word", [w for w in SIZED if w not in ("drop", "reshape")])
def test_a_size_out_of_bounds_says_the_bounds(word, number):
    message = refused(f"{word}{number}", PICTURE)
    assert "whole number from 1 to 2,147,483,648" in message or "is not a layer; " in message


@pytest.mark.parametrize("number", ["1", "-0.1", "1.5", "0.1.2", "99"])
def test_a_share_out_of_bounds_says_the_bounds(number):
    assert f"its rate is {number}, and has to be a number from 0 to below 1" in refused(f"drop{number}")


@pytest.mark.parametrize("number", ["3", "0x3x1", "2x3x4x5", "2x3x-4", "2xx3", "99999999999x1x1"])
def test_sides_out_of_bounds_say_the_bounds(number):
    assert "2 or 3 whole numbers from 1" in refused(f"reshape{number}")


@pytest.mark.parametrize("word", BARE)
def test_a_word_without_a_number_takes_none(word):
    assert f"{word} takes no number" in refused(f"{word}3")


@pytest.mark.parametrize("word", WORDS)
def test_an_option_that_is_none_of_a_word_s_is_named_with_those_it_has(word):
    message = refused(f"{SPELLED[word]}:q7")
    known = [w for one in declared(WORDS[word]).values() if one.key is not None for w in one.words or [one.key]]
    assert "'q7' is no option of it" in message and all(k in message for k in known)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("conv8:k0", "its kernel is 0"),
        ("conv8:s-1", "its stride is -1"),
        ("conv8:k99999999999", "its kernel is 99999999999"),
        ("conv8:k3:k5", "'k5' says a second time what its kernel is"),
        ("conv8:same:valid", "'valid' says a second time"),
        ("convt8:to0", "its to is 0"),
        ("up2:to3x4x5", "its to is 3x4x5"),
        ("embed8:v0", "its vocabulary is 0"),
        ("conv8:", "did you mean conv, as in"),
        ("conv8::k3", "did you mean conv"),
        ("dense" + "9" * 5000, "99999999999999999999…"),
    ],
)
def test_an_option_out_of_bounds_says_so(word, why):
    assert why in refused(word, PICTURE)


@pytest.mark.parametrize(
    ("word", "shape", "why"),
    [
        ("conv8", VECTOR, "24 comes in, and it does not fit: it needs a picture, not a flat vector; put reshape"),
        ("conv8", SEQUENCE, "6 x 8 comes in, and it does not fit: it needs a picture, not a sequence"),
        *[(w, VECTOR, "it needs a picture") for w in ("convt8", "pool2", "up2", "nails2", "unpool2")],
        *[(w, VECTOR, "it needs a picture") for w in ("res", "keep", "join3", "add")],
        *[(w, VECTOR, "it needs a sequence (steps x features), not a flat vector; put") for w in ("lstm8", "gru8")],
        *[(w, PICTURE, "it needs a sequence (steps x features), not a picture") for w in ("lstm8", "gru8")],
        ("embed8:v9", SEQUENCE, "it needs tokens"),
        ("embed8", (6,), "write embed8:v7001"),
        ("conv8:k20:valid", PICTURE, "the 20 x 20 kernel is larger than the picture; use :same, or k12"),
        ("pool20:valid", PICTURE, "the 20 x 20 window is larger than the picture"),
        ("reshape5x5", VECTOR, "5 x 5 are 25 numbers and 24 come in; put dense25 before it"),
        ("convt8:s2:to99", PICTURE, "it cannot reach 99 x 99 x 8; it would make 24 x 24 x 8"),
        ("up2:to99", PICTURE, "it cannot reach 99 x 99 x 4; it makes 24 x 24 x 4"),
        ("join", PICTURE, "nothing was kept for it; put keep into the encoder"),
    ],
)  # fmt: skip
def test_what_comes_in_and_does_not_fit_is_told_with_what_would(word, shape, why):
    message = refused(word, shape)
    assert message.startswith("network, layer 1 of 1 (") and why in message


def test_a_layer_that_reads_tokens_comes_first():
    assert "layer 2 of 2 (embed8:v9): 24 comes in, and it does not fit: it reads tokens" in refused("relu embed8:v9")


def test_tokens_are_not_looked_for_in_a_table():
    with pytest.raises(ParameterError, match=r"encoder, layer 1 of 2 \(embed8:v9\): it reads tokens.*there are none"):
        pair(Spec("table", (2,), (0, 0), (False, False)), Plain(1), "embed8:v9 flatten", None, "auto")


@pytest.mark.parametrize(
    ("spelling", "shape", "why"),
    [
        ("dense2000000000", VECTOR, "50,000,000,000 weights"),
        ("dense2000000000 dense2000000000", VECTOR, "layer 1 of 2"),
        (
            "up60000",
            PICTURE,
            "layer 1 of 1 (up60000): 12 x 12 x 4 comes in, and it does not fit: it would make 720000 x 720000 x 4",
        ),
        ("conv8:k100000", PICTURE, "320,000,000,008 weights"),
        ("conv2147483648:k2147483648", PICTURE, "numbers of each item"),
        ("lstm1000000", SEQUENCE, "weights; at most 2,147,483,648 are possible"),
        ("embed100000:v100000", (6,), "10,000,000,000 weights"),
        ("res:k2147483648", PICTURE, "weights"),
    ],
)
def test_a_network_that_no_memory_holds_is_said_and_not_allocated(spelling, shape, why):
    start = time.perf_counter()
    assert why in refused(spelling, shape)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("decoder", "why"),
    [
        ("dense49 reshape7x7x1 up2", "layer 3 of 3 (up2): 7 x 7 x 1 comes in, the network ends in 14 x 14 x 1 and"),
        ("dense49 reshape7x7x1 up2", "ends in 14 x 14 x 1 and the data are 28 x 28 x 1; up2 after it would fit."),
        ("dense676 reshape26x26x1", "26 x 26 x 1 and the data are 28 x 28 x 1; convt1:k3:s1:valid after it would fit"),
        ("dense900 reshape30x30x1", "30 x 30 x 1 and the data are 28 x 28 x 1; conv1:k3:s1:valid after it would fit"),
        ("dense98 reshape7x7x2", "the data are 28 x 28 x 1; up4 after it would fit, and conv1 after that"),
        ("dense63 reshape7x9x1", "so that both agree, or end in flatten dense784"),
        ("dense12 reshape3x4", "ends in 3 x 4 and the data are 28 x 28 x 1"),
    ],
)  # fmt: skip
def test_a_decoder_that_ends_elsewhere_says_where_and_what_would_lead_on(decoder, why):
    with pytest.raises(ParameterError) as caught:
        pair(Spec("image", (1, 28, 28)), Plain(3), "dense3", decoder, "auto")
    assert str(caught.value).startswith("decoder, layer ") and why in str(caught.value)


def test_what_is_said_to_fit_does():
    spec = Spec("image", (1, 28, 28))
    for decoder in (
        "dense49 reshape7x7x1 up2 up2",
        "dense676 reshape26x26x1 convt1:valid",
        "dense98 reshape7x7x2 up4 conv1",
    ):
        assert pair(spec, Plain(3), "dense3", decoder, "auto").decoder(torch.zeros(1, 3)).shape == (1, 1, 28, 28)


def test_recurrent_layers_are_those_of_pytorch():
    network = build(parse("embed5:v9 lstm4 gru3 dense2:nobias flatten"), (6,), "network")
    assert isinstance(network, Network)
    tokens = torch.randint(0, 9, (2, 6)).float()  # whole numbers, in whatever type
    x = network[0].table(tokens.long())
    x = network[2].cells(network[1].cells(x)[0])[0]
    assert torch.equal(network(tokens), (x @ network[3].weight.T).flatten(1))
    network(tokens).sum().backward()
    assert all(p.grad is not None for p in network.parameters())


@pytest.mark.parametrize("spelling", ["reshape6x4 gru5 flatten dense3", "reshape6x4 lstm5 dense2 flatten dense3"])
def test_a_row_is_read_as_a_sequence_and_written_back(spelling):
    spec = Spec("table", VECTOR, (0,) * 24, (False,) * 24)
    networks = pair(spec, Plain(3), spelling, None, "auto")
    assert "dense30" in networks.spelling["decoder"] or "dense12" in networks.spelling["decoder"]
    assert networks.decoder(networks.encoder(torch.rand(2, 24))).shape == (2, 24)
    assert networks.spelling == pair(spec, Plain(3), *networks.spelling.values(), "auto").spelling


def test_every_layer_is_exported():
    from latently import nets

    assert all(getattr(nets, cls.__name__) is cls and issubclass(cls, Layer) for cls in LAYERS)


def test_a_spelling_of_many_words_is_read_quickly():
    start = time.perf_counter()
    assert len(parse(spell(parse("conv8 relu norm " * 300)))) == 900
    assert time.perf_counter() - start < 1


def test_the_guide_knows_every_word():
    page = (Path(__file__).parents[2] / "docs/networks.md").read_text("utf-8")
    table = page[page.index("| words |") :].split("\n\n")[0]
    assert not [word for word in WORDS if not re.search(rf"[`\s]{word}[\d`\s:]", table)]
