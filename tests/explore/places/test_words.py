from io import BytesIO

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import latently
from latently import InputError, LatentlyWarning, ParameterError, WordVectors
from latently.explore import look


@pytest.fixture(scope="session")
def writer():
    return latently.LanguageModel(network="embed4 lstm8", epochs=1).fit(["the cat sat", "나는 개를 본다"] * 10)


def some(n=40, size=5):
    return WordVectors([f"말{i}" for i in range(n)], np.random.default_rng(0).normal(size=(n, size)))


def test_a_models_words_are_the_rows_of_its_embedding(writer):
    vectors = WordVectors.of(writer)
    assert set(vectors) == {"the", "cat", "sat", "나는", "개를", "본다"} and vectors.vectors.shape == (6, 4)
    place = writer.codec_.words.index("cat")
    weights = dict(writer.module_.decoder.named_parameters())["embedding.table.weight"]
    assert (vectors["cat"] == weights[place].detach().numpy()).all()
    assert "<unk>" not in vectors and "zebra" not in vectors


def test_the_likest_words_are_those_of_the_least_angle():
    vectors = some()
    a = vectors["말3"].astype(np.float64)
    wide = vectors.vectors.astype(np.float64)
    likeness = wide @ a / np.linalg.norm(wide, axis=1) / np.linalg.norm(a)
    order = [i for i in np.argsort(-likeness, kind="stable") if i != 3]
    found = vectors.nearest("말3", 39)
    assert [word for word, _ in found] == [f"말{i}" for i in order]
    assert np.allclose([one for _, one in found], likeness[order])
    assert vectors.nearest(a * 7, 1)[0][0] == "말3"


def test_a_vector_of_zeros_is_like_nothing():
    vectors = WordVectors(["a", "b", "c"], [[0, 0], [1, 0], [2, 0]])
    assert vectors.nearest("b", 2) == [("c", 1.0), ("a", 0.0)]
    assert [one for _, one in vectors.nearest("a", 2)] == [0, 0]


def test_what_was_written_comes_back_exactly(tmp_path):
    vectors = some()
    path = vectors.save(tmp_path / "v.txt")
    assert path.read_text("utf-8").splitlines()[0] == "40 5"
    again = WordVectors.load(path)
    assert again.words == vectors.words and (again.vectors == vectors.vectors).all()


def test_white_space_has_no_place_in_the_file(tmp_path):
    vectors = WordVectors([" ", "a", "b"], np.eye(3))
    with pytest.warns(LatentlyWarning, match="1 word of white space left out of .*v.txt: the format has no place"):
        vectors.save(tmp_path / "v.txt")
    assert WordVectors.load(tmp_path / "v.txt").words == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("king 1 2\n", "line 1: 'king 1 2' does not say how many"),
        ("1 2\nking 1\n", "line 2: 'king 1' is no word and 2 numbers"),
        ("1 2\nking 1 x\n", "line 2: 'king 1 x' is no word"),
        ("3 2\nking 1 2\n", "line 3: '' is no word"),
        ("2 2\nking 1 2\nking 2 3\n", "'king' stands there twice"),
        ("1 2\nking 1 nan\n", "missing or infinite"),
        (b"1 2\nk\xff 1 2\n", "it is not UTF-8"),
        (None, "cannot be read as word vectors: No such file"),
    ],
)
def test_a_file_that_is_none_is_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "v.txt"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=sentence):
        WordVectors.load(path)


def test_an_unknown_word_is_told_with_words_spelled_alike():
    vectors = WordVectors(["king", "kind", "road"], np.eye(3))
    with pytest.raises(InputError, match="'kinng' is not among the 3 words; did you mean 'king', 'kind'"):
        vectors.nearest("kinng", 1)
    with pytest.raises(InputError, match="'zzz' is not among the 3 words; choose one that is"):
        _ = vectors["zzz"]


@pytest.mark.parametrize(
    ("ask", "error", "sentence"),
    [
        (lambda v: v.nearest("말1", 40), ParameterError, "k=40 is not allowed; it is a whole number from 1 to 39"),
        (lambda v: v.nearest([1, 2], 1), InputError, "a vector of shape 2 was given; those of the words have 5"),
        (lambda v: v.map(2), ParameterError, "a map needs at least 3"),
        (lambda v: v.map(how="umap"), ParameterError, "how='umap' is not known"),
        (lambda _: WordVectors(["a"], [[1], [2]]), InputError, "1 words and vectors of shape 2 x 1"),
        (lambda _: WordVectors.of(latently.AE()), InputError, "AE is no fitted model of texts"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(ask, error, sentence):
    with pytest.raises(error, match=sentence):
        ask(some())


@pytest.mark.parametrize("how", ["pca", "tsne"])
def test_no_name_on_the_map_covers_another(how):
    vectors = WordVectors([f"word{i}" for i in range(120)], some(120).vectors)
    figure = vectors.map(120, how=how)
    FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    boxes = [t.get_window_extent() for t in axes.texts if t.get_visible()]
    assert len(boxes) > 30 and axes.texts[0].get_visible()
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            across, along = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
            assert across < 1.5 or along < 1.5
    assert f"120 words, {len(boxes)} of them named" in figure.texts[0].get_text()


def test_words_that_no_font_holds_are_told():
    with pytest.warns(LatentlyWarning, match="holds 1 of these words, which stay without a name"):
        figure = WordVectors(["a", "b", "\ue123"], np.eye(3)).map()
    assert [text.get_text() for text in figure.axes[0].texts] == ["a", "b"], "no box is drawn"


def test_words_that_are_all_alike_are_drawn():
    look.save(WordVectors(["a", "b", "c"], np.ones((3, 2))).map(how="tsne"), BytesIO())
    look.save(WordVectors([" ", "b", "c"], [[1], [2], [-3]]).map(), BytesIO())
