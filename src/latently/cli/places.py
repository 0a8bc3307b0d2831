"""`latently neighbors` and `words`: what is near what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import click
import narwhals as nw

import latently

from .speech import columns, json_flag, show
from .use import COUNT, TABLES, check_out, labelled, learned, opened, replaced, spare, told

_NEAR = (*TABLES[:3], ".png")
_JSON = (str, int, float, bool, type(None))


@click.command(short_help="Find the items most like an item.")
@click.argument("model")
@click.argument("data")
@click.option("--query", "-q", required=True, metavar="ROW|FILE|TEXT", help="Whose neighbours to find.")
@click.option("-k", "count", type=COUNT, default=10, show_default=True, help="How many.")
@click.option("--out", "-o", type=click.Path(path_type=Path), help="Where to write: a table, or a picture of them.")
@labelled
@told
@json_flag
def neighbors(
    model: str,
    data: str,
    label: str | None,
    text: str | None,
    query: str,
    count: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find the items of DATA that MODEL finds most like an item: those whose codes are nearest.

    --query is an item of DATA, by its row counted from 0, its name or its picture's path, and is itself left out; or
    something new: a picture, a file of items, or, of a model of texts, a text. A new item that equals one of DATA has
    it as its first neighbour. --out is a table (.csv, .parquet, .tsv), or of pictures and windows of a series a .png.

    \b
    Examples:
      latently neighbors runs/photos photos/ --query cat/3.png -o alike.png
      latently neighbors runs/people people.csv --query 17 -k 5
      latently neighbors runs/plays plays.txt --query "i love you"
    """
    if out is not None:
        check_out(out, "neighbours", _NEAR)
    loaded: Any = learned(model)
    kind = loaded.codec_.spec.kind
    if out is not None:
        check_out(out, "neighbours", _NEAR if kind in ("image", "series") else TABLES[:3])
        spare(out, model, data, *([query] if Path(query).is_file() else []))
    found = latently.neighbors(loaded, opened(loaded, data, label, text), _asked(query, kind), count)
    page = str(found)
    if out is not None:
        replaced(out)
        if out.suffix.lower() == ".png":
            latently.figures.save(out, latently.figures.neighbors(found))
        else:
            latently.write(out, found.frame())
        page += f"\n\nWrote {out}"
    show(as_json, {"neighbors": str(out) if out else None, "items": _plain(found.frame())}, page)


@click.command(short_help="Show, keep and draw what a model learned of words.")
@click.argument("model")
@click.option("--nearest", "-w", "word", metavar="WORD", help="Show the words that are most like this one.")
@click.option("-k", "count", type=COUNT, default=10, show_default=True, help="How many.")
@click.option("--out", "-o", type=click.Path(path_type=Path), help="Write all vectors, in word2vec's text format.")
@click.option("--map", "picture", type=click.Path(path_type=Path), help="Draw the words on two axes, a .png.")
@click.option(
    "--words", "most", type=COUNT, default=300, show_default=True, help="Of how many words, the commonest, to draw it."
)
@click.option("--how", default="pca", show_default=True, metavar="[pca|tsne]", help="By which method.")
@json_flag
def words(
    model: str,
    word: str | None,
    count: int,
    out: Path | None,
    picture: Path | None,
    most: int,
    how: str,
    as_json: bool,
) -> None:
    """Show the vectors that MODEL, trained on texts, learned of words: alike words are near.

    \b
    Examples:
      latently words runs/plays --nearest king
      latently words runs/plays -o vectors.txt
      latently words runs/plays --map words.png --how tsne
    """
    for path, what, endings in ((out, "word vectors", (".txt", ".vec")), (picture, "maps", (".png",))):
        if path is not None:
            check_out(path, what, endings)
            spare(path, model)
    vectors = latently.WordVectors.of(learned(model))
    size = vectors.vectors.shape[1]
    found: dict[str, Any] = {"words": len(vectors), "numbers": size}
    said = [f"{len(vectors):,} words, a vector of {size} numbers each; the commonest: {', '.join(vectors.words[:12])}"]
    if word is not None:
        near = vectors.nearest(word, count)
        found["nearest"] = [{"word": one, "likeness": likeness} for one, likeness in near]
        said = [columns([(one, f"{likeness:.3f}") for one, likeness in near], indent=0)]
    for path in filter(None, (out, picture)):
        replaced(path)
    if out is not None:
        found["vectors"] = str(vectors.save(out))
        said += [f"Wrote the vectors of {len(vectors):,} words to {out}"]
    if picture is not None:
        found["map"] = str(latently.figures.save(picture, vectors.map(most, how=how, seed=0)))
        said += [f"Wrote {picture}"]
    show(as_json, found, "\n\n".join(said))


def _asked(query: str, kind: str) -> Any:
    """A row, else a name or a path; of a model of texts a path where something is there, else a text."""
    if re.fullmatch(r"-?\d+", query):
        return int(query)
    return Path(query) if kind == "text" and there(query) else query


def _plain(items: Any) -> Any:
    """Texts as they are, a table as a list of its rows, as JSON can hold them."""
    if isinstance(items, list):
        return cast(Any, items)
    if hasattr(items, "tolist"):
        return items.tolist()
    rows = nw.from_native(items, eager_only=True).rows(named=True)
    return [{key: value if isinstance(value, _JSON) else str(value) for key, value in row.items()} for row in rows]


def there(path: str) -> bool:
    """Whether something is at a path."""
    try:
        return Path(path).exists()
    except OSError:  # a text that is longer than a path may be
        return False
