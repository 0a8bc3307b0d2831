"""What about an item is odd: its columns, its pixels, its words; what was found there, and what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...data import SeriesSource, Source, TextSource
from ...data.columns import LEVELS, few
from ...data.images import ImageSource
from ...data.packed import packed
from ...data.times import written
from ...data.vocabulary import SPECIAL
from ...estimator import passes
from ...spec import UNKNOWN
from .. import tables
from ..given import read
from .ranges import PLAIN, surprises

NAMED = 3  # parts of an item that are named at most
NOVEL = "never seen in the training"
PART = 2**14  # rows of a table that is read from disk
HIDDEN = 128  # columns of a row that are hidden one by one at most
SPREAD = 3  # times its mean, below which a picture's surprise is all over it
USUAL = 0.5  # of a column's standard deviation

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why items are odd.

    Parameters
    ----------
    surprise
        In nats, not negative: (n, F) of each column that the model sees, (n, H, W) of each pixel as the network sees
        it, (n, T - 1) of each token behind `<start>`, (n, T, F) of each step of a window; 0 where nothing is odd.
    expected
        The items as the model expected them, in the types that they came in; texts as the model reads them, windows of
        a series as arrays (n, T, F).
    sentences
        One an item, in words; "" where nothing stands out.
    """

    surprise: Array
    expected: Any
    sentences: list[str]


def explain(model: Any, data: Any) -> Reasons:
    r"""Which parts of each item the model did not expect.

    Of a table each cell is hidden in turn, and what the model restores in its place, knowing the other cells, is set
    beside what was found:

    .. math:: -\log p(x_j \mid g(f(x_{-j}))) + \log p(\hat x_j \mid g(f(x_{-j})))

    so that a cell cannot explain itself. One that stands out even where nothing is beside it, such as an age of 300,
    is then hidden from the other cells too: all of them would look odd beside it. Of rows of more than 128 columns only
    the 128 cells that stand out most at first are hidden; what is odd is among them. A category that the training never
    saw is odd whatever stands beside it. Of a
    picture or a window of a series it is the same of each pixel, or of each number of each step, with none hidden. Of a
    text it is
    :math:`-\log p(x_t \mid x_{<t})` of each token, `<unk>` dearer as in `score_samples`: what a
    word costs; those that cost more than a blind guess are named.

    Parameters
    ----------
    model
        A fitted model, or a detector: then the model that it learned is asked.
    data
        Items of the kind that it was fitted to: anything `latently.open` takes.

    Examples
    --------
    >>> import latently, pandas as pd
    >>> x = np.random.default_rng(0).normal(size=500)
    >>> model = latently.VAE(latent=1, epochs=40, lr=0.01).fit(pd.DataFrame({"size": x, "weight": 60 + 5 * x}))
    >>> explain(model, pd.DataFrame({"size": [0.0], "weight": [90.0]})).sentences[0].startswith("weight 90")
    True
    """
    source = read(model, data)
    return _HOW[source.kind](getattr(model, "over_", model), source)  # a detector's reasons are those of its model


def _of_table(model: Any, source: Source) -> Reasons:
    """A part at a time where the table is read from disk: cells as text take more room than as numbers."""
    parts = [(part, *_of_rows(model, part)) for part in source.parts(PART if source.scanned else None)]
    surprise = np.concatenate([odd for _, odd, _, _ in parts])
    expected = model.codec_.restored(((part, values) for part, _, values, _ in parts), source)
    return Reasons(surprise, expected, [sentence for *_, sentences in parts for sentence in sentences])


def _of_rows(model: Any, source: Source) -> tuple[Array, Array, list[str]]:
    """The surprise of each cell (n, F), what was expected as the network sees it, and a sentence each."""
    items, codec = packed(model.codec_.pack(source)), model.codec_
    # where no category was too rare to be kept, what is none of them is new
    unseen = torch.tensor([len(c.categories) if 0 < len(c.categories) < LEVELS else -1.0 for c in codec.used])

    def judged(x: Tensor, label: Tensor | None) -> Tensor:
        novel = (x == unseen.to(x)) & (unseen.to(x) > 0)
        return torch.stack((*_hidden(model.module_, x, label, novel), novel.to(x), x.isnan().to(x)), 2)

    found = passes.run(model.module_, items, judged)
    surprise, values = found[:, :, 0], found[:, :, 1].astype(np.float32)
    novel, gaps = found[:, :, 2] > 0, found[:, :, 3] > 0
    surprise = np.where(novel, np.maximum(surprise, PLAIN), surprise)
    names, odd = tables.names(model), [_named(row) for row in surprise]
    among = {j for row in odd for j in row}
    there, told = (tables.texts(model, items, among) for items in (source.data, codec.restore(values, source)))
    sentences = [
        "; ".join(
            f"{names[j]} {there[j][i] or 'missing'}, {NOVEL if novel[i, j] else f'expected {told[j][i]}'}" for j in row
        )
        or _missing([names[j] for j in np.flatnonzero(gaps[i])])
        for i, row in enumerate(odd)
    ]
    return surprise, values, sentences


def _missing(names: list[str]) -> str:
    """What is said of a row whose cells are as usual, where some are missing.

    >>> _missing(["size", "floor"]), _missing([])
    ('size, floor missing', '')
    """
    return f"{few(names)} missing" if names else ""


def _hidden(module: Any, x: Tensor, label: Tensor | None, odd: Tensor) -> tuple[Tensor, Tensor]:
    """The surprise of each cell (B, F), and what was expected in its place, by the cells that can be believed.

    `odd` are those (B, F) that cannot, as is known beforehand.
    """
    alone, _ = _told(module, x, torch.full_like(x, torch.nan), label)
    looked = _looked(module, x, odd, label, alone)
    surprise, expected = _beside(module, x, odd, label, looked)
    if (surprise < PLAIN).all():
        return surprise, expected
    for _ in range(NAMED - 1):
        most, worst = surprise.masked_fill(odd, 0).max(1, keepdim=True)
        odd = odd.scatter(1, worst, odd.gather(1, worst) | (most >= PLAIN) & (alone.gather(1, worst) >= PLAIN))
        some = odd.any(1)
        if not some.any():
            break
        told = None if label is None else label[some]
        surprise[some], expected[some] = _beside(module, x[some], odd[some], told, looked[some])
    return surprise, expected


def _looked(module: Any, x: Tensor, odd: Tensor, label: Tensor | None, alone: Tensor) -> Tensor:
    """Which columns of each row are hidden: (B, K), all of them where they are few.

    Of a wide row those that surprise most with nothing hidden, and with all: one cell among so many hardly changes the
    code, unless it is far out, and then it stands out by itself.
    """
    count = x.shape[1]
    if count <= HIDDEN:
        return torch.arange(count, device=x.device).expand(len(x), count)
    seen, _ = _told(module, x, x.masked_fill(odd, torch.nan), label)
    ranks = [surprise.argsort(dim=1, descending=True, stable=True).argsort(1) for surprise in (seen, alone)]
    return torch.minimum(*ranks).argsort(dim=1, stable=True)[:, :HIDDEN]


def _beside(module: Any, x: Tensor, odd: Tensor, label: Tensor | None, looked: Tensor) -> tuple[Tensor, Tensor]:
    """The surprise of each cell (B, F) beside the others that are not `odd`, and what was expected in its place.

    A cell that is not `looked` at (B, K) is one of those that it is told by.
    """
    plain = x.masked_fill(odd, torch.nan)
    surprise, expected = _told(module, x, plain, label)
    for column in looked.T.unsqueeze(2):
        found = _told(module, x, plain.scatter(1, column, torch.nan), label)
        for whole, part in zip((surprise, expected), found, strict=True):
            whole.scatter_(1, column, part.gather(1, column))
    return surprise, expected


def _told(module: Any, x: Tensor, others: Tensor, label: Tensor | None) -> tuple[Tensor, Tensor]:
    """The surprise of each cell (B, F) where `others` are known, and what was expected in its place.

    A hidden number is guessed less well than one that is restored, for which sigma was learned: to miss it by half a
    column's standard deviation is usual.
    """
    code = module.encode(others)
    out = module.write(code.mean, module.label(others, code) if label is None else label, code.memory)
    surprise, expected = module.likelihood.surprise(x, out), module.likelihood.mean(out)
    numbers = module.likelihood.numbers
    usual = 0.5 * ((x - expected)[:, numbers] / USUAL).square().nan_to_num(0.0)
    surprise[:, numbers] = torch.minimum(surprise[:, numbers], usual)
    return surprise, expected


def _of_pictures(model: Any, source: Source) -> Reasons:
    def surprise(x: Tensor, label: Tensor | None) -> Tensor:
        code = model.module_.encode(x)
        out = model.module_.write(code.mean, model.module_.label(x, code) if label is None else label, code.memory)
        return model.module_.likelihood.surprise(x, out).sum(1)

    assert isinstance(source, ImageSource)
    found = passes.run(model.module_, packed(model.codec_.pack(source)), surprise)
    sizes = np.tile(source.pixels.shape[1:3], (len(source), 1)) if source.sizes is None else source.sizes
    return Reasons(found, model.reconstruct(source), [_place(*one) for one in zip(found, sizes, strict=True)])


def _place(odd: Array, size: Any) -> str:
    """Where in a picture of that size, (height, width), most of the surprise is.

    >>> odd = np.zeros((28, 28)); odd[20:24, 3:6] = 9.0
    >>> _place(odd, (28, 28)), _place(odd, (280, 56))
    ('around row 21, column 4', 'around row 215, column 9')
    >>> _place(np.ones((28, 28)), (28, 28))
    'all over the picture'
    """
    total = odd.sum()
    if total < PLAIN:
        return ""
    near = _blurred(odd)
    if near.max() < SPREAD * near.mean():
        return "all over the picture"
    peak = np.unravel_index(near.argmax(), odd.shape)
    row, column = (int((at + 0.5) * side / seen) for at, side, seen in zip(peak, size, odd.shape, strict=True))
    return f"around row {row}, column {column}"


def _blurred(odd: Array) -> Array:
    """The mean of each pixel's neighbourhood, an eighth of the picture wide: single pixels are noise."""
    width = max(1, min(odd.shape) // 8)
    kernel = np.ones(width) / width
    for axis in (0, 1):
        odd = np.apply_along_axis(lambda line: np.convolve(line, kernel, "same"), axis, odd)
    return odd


def _of_texts(model: Any, source: Source) -> Reasons:
    assert isinstance(source, TextSource)

    def surprise(x: Tensor, _: Tensor | None) -> Tensor:
        module = model.module_
        out = module.write(module.encode(x).mean, None, module.likelihood.given(x))
        return torch.stack((module.likelihood.surprise(x, out), x[:, 1:].to(out.dtype)), 2)

    items = packed(model.codec_.pack(source))
    widest = model.codec_.spec.shape[0] - 1
    found = passes.run(model.module_, items, lambda x, label: _widened(surprise(x, label), widest))
    odd, words = found[:, :, 0], found[:, :, 1].astype(int)
    codec = model.codec_
    guessed = np.log(len(codec.words))  # what a word costs that is drawn blindly
    odd = odd + guessed * (words == UNKNOWN)  # one of the many words that it stands for
    sentences = [
        "; ".join(f"{_word(codec, text, row, t)} (1 in {np.exp(p[t]):,.0f})" for t in _named(p, guessed))
        for p, row, text in zip(odd, words.tolist(), source, strict=True)
    ]
    return Reasons(odd, [codec.text(row) for row in words.tolist()], sentences)


def _of_series(model: Any, source: Source) -> Reasons:
    assert isinstance(source, SeriesSource)
    found = surprises(model, source)
    expected = model.codec_.restore(found[:, :, 1])
    before = model.codec_.ordered(source)
    rows = source.starts[:, None] + np.arange(source.window)
    at = (
        written(source.steps.times)[rows]
        if source.timed
        else np.tile(np.arange(source.window).astype(str), (len(rows), 1))
    )
    names = tables.names(model)
    sentences = [
        "; ".join(
            f"{names[j]} {there} at {when[t]}, expected {like}"
            for t, j in _peaks(odd)
            if (there := tables.text(x[t, j])) != (like := tables.text(y[t, j]))  # else it is odd by a hair
        )
        for odd, x, y, when in zip(found[:, :, 0], before, expected, at, strict=True)
    ]
    return Reasons(found[:, :, 0], expected, sentences)


def _peaks(odd: Array) -> list[tuple[int, int]]:
    """The few steps and columns that stand out, the most surprising first, none beside another of the same stretch.

    >>> odd = np.zeros((9, 1)); odd[[1, 2, 3, 6], 0] = 5, 9, 6, 7
    >>> _peaks(odd)
    [(2, 0), (6, 0)]
    """
    peaks: list[tuple[int, int]] = []
    for j, column in enumerate(odd.T):
        plain = np.flatnonzero(column >= PLAIN)
        stretches = np.split(plain, np.flatnonzero(np.diff(plain) > 1) + 1) if len(plain) else []
        peaks += [(int(stretch[column[stretch].argmax()]), j) for stretch in stretches]
    return sorted(peaks, key=lambda one: -odd[one])[:NAMED]


def _word(codec: Any, text: str, row: list[int], place: int) -> str:
    """The token at a place of a text that was read as `row`, as it stands there: the model may know it as `<unk>`."""
    if row[place] != UNKNOWN:
        return codec.text([row[place]]) or codec.words[row[place]]
    word = codec.vocabulary.cutting.cut(text)[place]
    if word == SPECIAL[UNKNOWN]:  # sub-words tell no longer what it was: the words that hold such signs do
        words = codec.unknown(text)
        word = words[min(row[:place].count(UNKNOWN), len(words) - 1)]
    return f"{word}, unknown to the model"


def _widened(x: Tensor, width: int) -> Tensor:
    return torch.nn.functional.pad(x, (0, 0, 0, width - x.shape[1]))


def _named(surprise: Array, least: float = PLAIN) -> list[int]:
    """The few parts that stand out, the most surprising first.

    >>> _named(np.array([0.1, 50.0, 90.0, 3.0]))
    [2, 1]
    """
    falling = np.argsort(-surprise, kind="stable")[:NAMED]
    return [int(j) for j in falling if surprise[j] >= least]


_HOW = {"table": _of_table, "image": _of_pictures, "text": _of_texts, "series": _of_series}
