"""Columns of texts that are dates, or numbers with a decimal comma: of a table in memory, or of parts of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polars import DataFrame, Expr, Series

COMMA = r"^[+-]?(\d*|\d{1,3}(\.\d{3})+),\d+$"  # 1.234,5
WHOLE = r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)$"


def dated(frame: DataFrame) -> DataFrame:
    """Columns of ISO dates or times as such. Polars' own try_parse_dates tries each text: 0.9 s for 300,000 of them."""
    import polars as pl

    for texts in frame.select(pl.col(pl.String)).iter_columns():
        for parse in _parsers(texts.drop_nulls().head(1)):
            try:
                frame = frame.with_columns(parse(texts))
                break
            except pl.exceptions.PolarsError:
                continue
    return frame


def with_points(frame: DataFrame) -> tuple[DataFrame, list[str]]:
    """Columns of numbers with decimal commas as numbers, and their names: how Excel writes them in half of Europe."""
    import polars as pl

    found = [texts.name for texts in frame.select(pl.col(pl.String)).iter_columns() if _with_commas([texts])]
    return frame.with_columns(_pointed(frame[name]) for name in found), found


def read_as(
    frame: DataFrame, column: Callable[[str], Iterable[Series]], *, commas: bool
) -> tuple[list[Expr], list[str]]:
    """What makes of columns of texts what they are, and which of them are numbers with decimal commas.

    The same is found as by `dated` and `with_points` of all parts together.

    Parameters
    ----------
    frame
        Any rows of the table, or none.
    column
        The parts of a column of that name.
    commas
        Whether numbers may have decimal commas.
    """
    import polars as pl

    found: list[Expr] = []
    pointed: list[str] = []
    for name in frame.select(pl.col(pl.String)).columns:
        first = next((some for part in column(name) if len(some := part.drop_nulls().head(1))), None)
        if first is None:
            continue
        parse = next((parse for parse in _parsers(first) if _fits(parse, first, column(name))), None)
        if parse is None and commas and _with_commas(column(name)):
            parse = _pointed
            pointed.append(name)
        if parse is not None:
            found.append(
                pl.col(name).map_batches(_behind(first, parse), return_dtype=parse(first).dtype, is_elementwise=True)
            )
    return found, pointed


def _parsers(first: Series) -> list[Callable[[Series], Series]]:
    """What makes dates or times of texts that begin with this one, and raises where one of them is neither."""
    if not len(first) or not re.match(r"\d{4}-\d\d-\d\d", first[0]):
        return []
    return [
        lambda texts: texts.str.to_date("%Y-%m-%d"),
        lambda texts: texts.str.to_datetime(),
        lambda texts: texts.str.to_datetime(time_zone="UTC"),
    ]


def _behind(first: Series, parse: Callable[[Series], Series]) -> Callable[[Series], Series]:
    """`parse` of a part as of the whole: the first text of all says in which form the others are."""
    return lambda part: parse(first.rename(part.name).append(part))[1:]


def _fits(parse: Callable[[Series], Series], first: Series, parts: Iterable[Series]) -> bool:
    import polars as pl

    try:
        for part in parts:
            _behind(first, parse)(part)
    except pl.exceptions.PolarsError:
        return False
    return True


def _with_commas(parts: Iterable[Series]) -> bool:
    """Whether all are numbers, and at least one has a comma."""
    some = False
    for part in parts:
        cells = part.drop_nulls().str.strip_chars()
        commas = cells.str.contains(COMMA)
        if not (commas | cells.str.contains(WHOLE)).all():
            return False
        some = some or bool(commas.any())
    return some


def _pointed(texts: Series) -> Series:
    import polars as pl

    plain = texts.str.strip_chars().str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return plain.cast(pl.Float64)
