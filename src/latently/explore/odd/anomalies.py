"""Which items are anomalies, at a rate of false alarms that is kept; and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from numbers import Integral
from typing import Any, cast
from warnings import warn

import numpy as np
from numpy.typing import NDArray

from ...data import SeriesSource, Source, TextSource
from ...data.frames import in_library
from ...errors import InputError, LatentlyWarning, ParameterError
from ...estimator.calibration import LEAST, least_rate, p_values, upwards
from ..given import read
from .ranges import Line
from .reasons import explain

RATE = 0.01  # of false alarms, where nobody says
SHOWN = 10  # items of which a page is printed
WHOLE = "no part alone: as a whole it is far from the others"
CONTROLS = ("alarms", "discoveries")


@dataclass(frozen=True, slots=True)
class Anomalies:
    """Items judged, in the order of the data.

    Parameters
    ----------
    scores
        (n,) `score_samples`: lower is odder.
    p_values
        (n,) how likely a normal item is to be as odd.
    flagged
        (n,) whether it is called an anomaly.
    why
        A sentence for each item that was explained, by its place.
    names
        Of the items, such as their files'; by default their places, counted from 0.
    rate
        The share of false alarms that was allowed.
    control
        What it is a share of, as `anomalies` takes it.
    texts
        The items themselves, where they are texts.
    line
        Of a series, whose items are windows: what they say of its steps, and when it was odd.
    container
        What a table was handed in as, such as pandas; by default no table was.
    """

    scores: NDArray[np.float64]
    p_values: NDArray[np.float64]
    flagged: NDArray[np.bool_]
    why: Mapping[int, str]
    names: Sequence[str]
    rate: float
    control: str = "alarms"
    texts: Sequence[str] | None = None
    line: Line | None = None
    container: str = "numpy"

    def __str__(self) -> str:
        falling = [f"  {self.names[i]}  p {self.p_values[i]:.2g}  {self.why.get(i, '')}" for i in self.ranking[:SHOWN]]
        return "\n".join([f"{self.summary}; the oddest:", *(line.rstrip() for line in falling)])

    @property
    def summary(self) -> str:
        """How many are flagged, and how many of them or of the normal ones may be by mistake."""
        # windows overlap, and tell less than their number says
        items, most = ("items", "at most") if self.line is None else ("windows", "about")
        whose = "of the normal ones" if self.control == "alarms" else "of these"
        flagged = f"{int(self.flagged.sum()):,} of {len(self.scores):,} {items} are flagged"
        return f"{flagged}; {most} {self.rate:.3g} {whose} would be false alarms"

    @property
    def ranking(self) -> NDArray[np.intp]:
        """The places of all items, the oddest first."""
        return np.argsort(self.scores, kind="stable")

    def table(self) -> Any:
        """The ranking: rank, item, score, p_value, flagged, why; of texts also text.

        A DataFrame of pandas or pyarrow where a table of theirs was judged, and else of polars.
        """
        import polars as pl

        falling: list[int] = self.ranking.tolist()
        ranked = pl.DataFrame(
            {
                "rank": range(1, len(falling) + 1),
                "item": [self.names[i] for i in falling],
                "score": self.scores[falling],
                "p_value": self.p_values[falling],
                "flagged": self.flagged[falling],
                "why": [self.why.get(i, "") for i in falling],
                **({} if self.texts is None else {"text": [self.texts[i] for i in falling]}),
            }
        )
        return in_library(ranked, self.container)

    def ranges(self) -> Any:
        """When a series was odd, the oddest first: rank, start, end, score, p_value and why, in a frame as of `table`.

        Flagged windows that overlap are one range, from the first step that is odd by itself to the last, or several
        where a window's steps between are not; score and p-value are those of the oddest window that has one of them.

        Raises
        ------
        InputError
            The items are no windows of a series.
        """
        return self.over_time().table(self.why)

    def at(self, model: Any, rate: float, *, explained: int = 20) -> Anomalies:
        """A series at another rate of false alarms: what its windows say of its steps is not computed anew.

        Parameters
        ----------
        model
            The model that judged it.
        rate
            The share of normal windows that may be flagged.
        explained
            How many ranges are explained.

        Raises
        ------
        InputError
            The items are no windows of a series, or too few were held out in the fit for so small a rate.
        ParameterError
            `rate` or `explained` is not allowed.
        """
        _check(rate, explained)
        line = self.over_time()
        rate = _kept(rate, len(model.calibration_))
        flagged = _flagged(self.p_values, rate, "alarms")
        line = line.flagged(self.scores, self.p_values, flagged)
        why = _why(model, line.source, line.oddest[:explained], flagged)
        return replace(self, flagged=flagged, why=why, rate=rate, control="alarms", line=line)

    def over_time(self) -> Line:
        """What the windows of a series say of its steps.

        Raises
        ------
        InputError
            The items are no windows of a series.
        """
        if self.line is None:
            raise InputError(
                "these items are no windows of a series and have no times; table() ranks them, figures.oddest draws "
                "pictures."
            )
        return self.line


def anomalies(
    model: Any, data: Any, *, rate: float | None = None, control: str = "alarms", explained: int = 20
) -> Anomalies:
    r"""Judges items by their p-values, which hold for any model: no share of anomalies has to be guessed.

    With `control="alarms"` at most `rate` of the normal items are flagged. With "discoveries" at most `rate` of the
    flagged ones are normal, however many items are judged: of the p-values in ascending order all up to the last with

    .. math:: p_{(k)} \le \alpha k / n

    Of a series the items are windows, which overlap: `ranges()` says when it was odd.

    Parameters
    ----------
    model
        A fitted model.
    data
        Items of the kind that it was fitted to: anything `latently.open` takes.
    rate
        The share :math:`\alpha`, above 0 and below 1; by default .01, or the least that can be kept where fewer than 99
        items were held out.
    control
        What it is a share of.
    explained
        How many of the oddest are explained; of a series how many ranges.

    Raises
    ------
    InputError
        Too few items were held out in the fit for so small a rate.
    ParameterError
        `rate`, `control` or `explained` is not allowed.

    References
    ----------
    "Controlling the False Discovery Rate" (Benjamini & Hochberg, 1995); with conformal p-values: "Testing for Outliers
    with Conformal p-values" (Bates et al., 2023).

    Examples
    --------
    >>> import latently
    >>> X = np.random.default_rng(0).normal(size=(600, 4))
    >>> found = anomalies(latently.AE(latent=2, epochs=3).fit(X), np.vstack((X[:9], np.full((1, 4), 9.0))), rate=0.05)
    >>> int(found.ranking[0]), bool(found.flagged[9])
    (9, True)
    """
    found = judged(model, data, rate, control, explained)
    if found.line is not None:
        _warn_of_windows(model, found.rate)
    return found


def judged(model: Any, data: Any, rate: float | None, control: str = "alarms", explained: int = 0) -> Anomalies:
    """As `anomalies` does, and silent about windows that are few: for pictures, whose rate nobody chose."""
    _check(rate, explained)
    if control not in CONTROLS:
        raise ParameterError(f"anomalies: control={control!r} is not allowed; it is one of {', '.join(CONTROLS)}.")
    source = read(model, data)
    rate = _kept(rate, len(model.calibration_))
    scores = model.score_samples(source)
    p = p_values(scores, model.calibration_)
    flagged = _flagged(p, rate, control)
    _warn(model, rate if control == "discoveries" and not flagged.any() else None, len(source))
    line = None
    oddest: list[int] = np.argsort(scores, kind="stable")[:explained].tolist()
    if isinstance(source, SeriesSource):
        line = Line.of(model, source).flagged(scores, p, flagged)
        oddest = line.oddest[:explained]
    why = _why(model, source, oddest, flagged)
    texts = source.data if isinstance(source, TextSource) else None
    return Anomalies(scores, p, flagged, why, source.names, rate, control, texts, line, source.container)


def _check(rate: float | None, explained: int) -> None:
    if rate is not None and (isinstance(cast(Any, rate), bool | str) or not 0 < rate < 1):
        raise ParameterError(f"anomalies: rate={rate!r} is not allowed; it is a number above 0 and below 1.")
    if isinstance(cast(Any, explained), bool) or not isinstance(cast(Any, explained), Integral) or explained < 0:
        raise ParameterError(f"anomalies: explained={explained!r} is not allowed; it is a whole number, at least 0.")


def _why(model: Any, source: Source, oddest: list[int], flagged: NDArray[np.bool_]) -> dict[int, str]:
    """A sentence for each of those items; "" only of one that is not flagged."""
    if not oddest:
        return {}
    sentences = explain(model, source[np.array(oddest)]).sentences
    return {i: said or (WHOLE if flagged[i] else "") for i, said in zip(oddest, sentences, strict=True)}


def _kept(rate: float | None, known: int) -> float:
    """The rate that was asked for, or the usual one; the least that so many held-out items can keep."""
    if 1 / (known + 1) <= (rate or RATE):
        return rate or RATE
    least = least_rate(known)
    if rate is None:
        warn(
            f"{known:,} items calibrated this model and can keep a rate of {least:g} and more, so this is "
            f"the one that is taken; {RATE:g} needs {ceil(1 / RATE) - 1} of them.",
            LatentlyWarning,
            stacklevel=4,
        )
        return least
    raise InputError(
        f"a rate of {rate:g} needs {ceil(1 / rate) - 1:,} held-out items and this model was calibrated by {known:,}; "
        f"choose a rate of {least:g} or more, or fit with more items or a larger validation share."
    )


def _warn(model: Any, discoveries: float | None, n: int) -> None:
    """Says where p-values are not to be trusted, or too coarse for a share of discoveries among n items."""
    known, held_out = len(model.calibration_), getattr(model, "held_out_", LEAST)
    if held_out < LEAST:
        warn(
            f"{held_out} items were held out in the fit, and p-values need {LEAST} or more: these are told by the "
            "items that were trained on, so too many new ones seem odd; fit with more items, or a larger validation.",
            LatentlyWarning,
            stacklevel=4,
        )
    least = 0 if discoveries is None else ceil(n / discoveries / (known + 1))
    if least > 1:
        single = n / (known + 1)
        possible = (
            f"for a single one the rate must be {upwards(single):g} or more" if single < 1 else "a single one never is"
        )
        warn(
            f"with {known:,} held-out items no p-value is below {1 / (known + 1):.3g}, so of {n:,} items none is "
            f"flagged unless {least:,} or more are that odd, and {possible}; judge fewer items at a time, fit with "
            "more, or choose control='alarms'.",
            LatentlyWarning,
            stacklevel=4,
        )


def _warn_of_windows(model: Any, rate: float) -> None:
    """Says where the windows that were held out overlap so much that they are few, whatever their number."""
    known = len(model.calibration_)
    apart = ceil(known * model.codec_.step / model.codec_.window)
    if 1 / (apart + 1) > rate:
        warn(
            f"the {known:,} held-out windows overlap and tell as much as {apart:,} that share no step, so more than "
            f"{rate:g} of the normal windows may be flagged; fit to a longer series, or choose a rate of "
            f"{upwards(1 / (apart + 1))} or more.",
            LatentlyWarning,
            stacklevel=3,
        )


def _flagged(p: NDArray[np.float64], rate: float, control: str) -> NDArray[np.bool_]:
    """
    >>> p = np.array([0.01, 0.6, 0.02, 0.03])
    >>> _flagged(p, 0.04, "discoveries").tolist(), _flagged(p, 0.02, "alarms").tolist()
    ([True, False, True, True], [True, False, True, False])
    """
    if control == "alarms":
        return p <= rate
    rising = np.sort(p)
    kept = np.flatnonzero(rising <= rate * np.arange(1, len(p) + 1) / len(p))
    return p <= rising[kept[-1]] if len(kept) else np.zeros(len(p), bool)
