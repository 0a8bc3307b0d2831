"""Models that are told the label: where it comes from, what it does, and what is said where it lacks."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression

import latently
from latently.estimator import passes

DIGITS = load_digits()
IRIS = load_iris()
NAMES = np.array(IRIS.target_names)[IRIS.target]
CONDITIONAL = [name for name, cls in latently.MODELS.items() if cls.conditional]


@pytest.fixture(scope="module")
def digits():
    return latently.ConditionalVAE(latent=8, epochs=60).fit(DIGITS.images, DIGITS.target)


def test_samples_are_of_the_wanted_label(digits):
    judge = LogisticRegression(max_iter=2000).fit(DIGITS.data, DIGITS.target)
    for label in (0, 3, 7):
        drawn = digits.sample(100, seed=0, label=label)
        assert (judge.predict(drawn.reshape(100, -1)) == label).mean() > 0.85


def test_one_label_an_item(digits):
    judge = LogisticRegression(max_iter=2000).fit(DIGITS.data, DIGITS.target)
    labels = np.tile(np.arange(10), 20)
    drawn = digits.sample(200, seed=0, label=labels)
    assert (judge.predict(drawn.reshape(200, -1)) == labels).mean() > 0.8


def test_labels_that_are_not_asked_for_are_as_common_as_in_the_data():
    X, y = IRIS.data, np.where(IRIS.target == 0, "rare", "common")
    model = latently.ConditionalVAE(latent=2, epochs=2).fit(X, y)
    drawn = model.known_.names[model.known_.draw(3000, seed=0)]
    assert (drawn == "rare").mean() == pytest.approx(1 / 3, abs=0.03)


def test_an_item_is_taken_to_have_the_label_under_which_it_is_restored_best(digits):
    items = digits.codec_.pack(latently.open(DIGITS.images[:300]))
    told = [passes.run(digits.module_, items, lambda x, _: digits.module_(x).label)]
    assert (told[0] == DIGITS.target[:300]).mean() > 0.6


def test_a_code_is_decoded_under_the_label_that_is_given(digits):
    codes = digits.transform(DIGITS.images[:5])
    three, seven = (digits.inverse_transform(codes, label=label) for label in (3, 7))
    assert not np.allclose(three, seven)
    assert np.allclose(digits.inverse_transform(codes, label=[3] * 5), three)


@pytest.mark.parametrize("name", CONDITIONAL)
def test_labels_come_from_y_from_the_table_or_from_the_folders(name, tmp_path):
    frame = pd.DataFrame(IRIS.data, columns=list("abcd")).assign(species=NAMES)
    one = latently.make(name, latent=2, epochs=1).fit(latently.open(frame, labels="species"))
    assert list(one.classes_) == ["setosa", "versicolor", "virginica"]
    two = latently.make(name, latent=2, epochs=1).fit(IRIS.data, NAMES)
    assert list(two.classes_) == list(one.classes_)
    for digit in (0, 1):
        (tmp_path / str(digit)).mkdir()
        for i in np.flatnonzero(DIGITS.target == digit)[:12]:
            Image.fromarray((DIGITS.images[i] * 15).astype(np.uint8)).save(tmp_path / str(digit) / f"{i}.png")
    three = latently.make(name, latent=2, epochs=1).fit(tmp_path)
    assert list(three.classes_) == ["0", "1"]
    assert three.sample(2, seed=0, label="1").shape[0] == 2


@pytest.mark.parametrize("name", CONDITIONAL)
def test_labels_survive_the_file(name, tmp_path):
    model = latently.make(name, latent=2, epochs=1).fit(IRIS.data, NAMES)
    again = latently.load(model.save(tmp_path / "m.safetensors"))
    assert list(again.classes_) == list(model.classes_)
    assert np.array_equal(again.sample(4, seed=1, label="setosa"), model.sample(4, seed=1, label="setosa"))


@pytest.mark.parametrize("name", CONDITIONAL)
@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            None,
            r"the data have none; name the table's column \(labels='COLUMN', or --label COLUMN\), pass y",
        ),
        (["one"] * 150, "all 150 labels are 'one'; to learn what labels mean takes at least two"),
        (IRIS.target[:149], "150 items and 149 labels were given; give one label an item"),
        (np.where(np.arange(150) < 3, None, NAMES), "3 of 150 items have no label; leave those items out"),
        (np.where(np.arange(150) < 3, np.nan, 1.0), "3 of 150 items have no label"),
        (np.arange(150.0), "150 different labels on 150 items are no classes; group them into fewer"),
        (IRIS.data, "they are one a sample, of shape"),
    ],
    ids=["none", "one class", "too few", "gaps", "nan", "numbers", "matrix"],
)
def test_what_labels_lack_is_said_before_training(name, y, message):
    with pytest.raises(latently.InputError, match=message):
        latently.make(name, latent=2, epochs=1).fit(IRIS.data, y)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda m: m.sample(2, label=12), "label '12' was not seen in training; it is one of 0, 1, 2"),
        (lambda m: m.sample(2, label=[1, 2, 3]), r"2 items and labels of shape \(3,\) were given"),
        (lambda m: m.inverse_transform(np.zeros((1, 8))), "do not say of which label they are; pass label="),
    ],
)
def test_a_wrong_label_is_said(digits, use, message):
    with pytest.raises(latently.InputError, match=message):
        use(digits)


def test_a_model_that_knows_no_labels_says_so():
    model = latently.VAE(latent=2, epochs=1).fit(IRIS.data)
    with pytest.raises(latently.InputError, match="VAE knows no labels; leave label out, or train a conditional model"):
        model.sample(2, label=1)
    with pytest.raises(latently.InputError, match="VAE knows no labels"):
        model.inverse_transform(np.zeros((1, 2)), label=1)


@pytest.mark.parametrize("name", [name for name, cls in latently.MODELS.items() if "table" in cls.reads])
def test_a_latent_of_nothing_is_refused(name):
    with pytest.raises(latently.ParameterError, match="latent=0 is not allowed"):
        latently.make(name, latent=0, epochs=1).fit(IRIS.data, NAMES)


@pytest.mark.parametrize("name", [name for name, cls in latently.MODELS.items() if "table" in cls.reads])
def test_a_latent_of_one_works_or_says_why_not(name):
    model = latently.make(name, latent=1, epochs=5)
    if name in ("sphere", "ladder"):
        with pytest.raises(latently.ParameterError, match=r"latent=1 is not allowed .* it is at least 2"):
            model.fit(IRIS.data, NAMES)
    else:
        assert np.isfinite(model.fit(IRIS.data, NAMES).score_samples(IRIS.data)).all()
