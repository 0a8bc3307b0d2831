"""One door for all data: `open` looks at what it is handed and passes it to the reader that knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from numbers import Integral, Real
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import InputError
from ..spec import Kind
from . import array_files, folder, images, series_tables, table_files, tables, text_files, texts
from .array_files import of_array
from .source import KINDS, Asked, Name, Reading, Size, Source


def open(
    x: Any,
    *,
    kind: Kind | None = None,
    kinds: Mapping[str, str] | None = None,
    size: Size | None = None,
    labels: Any = None,
    text: str | int | None = None,
    unit: str | None = None,
    vocabulary: int | None = None,
    clean: str | None = None,
    length: int | None = None,
    time: str | int | None = None,
    window: int | None = None,
    step: int | None = None,
    series: str | int | None = None,
    resample: bool = False,
    memory: float | None = None,
) -> Source:
    """Looks at data and tells what they are, without turning them into numbers yet.

    Parameters
    ----------
    x
        A path: a folder of pictures (sub-folders are labels) or a zip of one, `.npy`, `.npz`, IDX (`.gz` too, or a
        folder of MNIST's four files), `.csv`, `.tsv`, `.parquet`; `.txt` (each line a text, empty ones left out),
        `.jsonl` (each line a string, or an object with a field of texts), a folder of `.txt` files (each a text,
        sub-folders are labels). Text files are UTF-8, or what their byte order mark says.
        An array: (n, F) is a table of numbers, (n, H, W) grey pictures, (n, H, W, C) pictures with C channels.
        A DataFrame of pandas, polars or pyarrow, a list of rows or of pictures, a torch tensor, or a `Source`.
        A list, array or Series of strings is texts.
    kind
        "image", "table", "text" or "series": what `x` is to be taken for where it could be several. An array (n, T, F)
        of kind "series" is n windows of T steps.
    kinds
        Tables: what columns are, where that is not what they look like: number, category, boolean, date or ignored.
    size
        Pictures: (height, width) to resize them to.
    labels
        The name of the table's column that is no feature but each item's label, or the labels themselves, (n,).
    text
        Tables and `.jsonl`: the column that holds the texts. By default `.jsonl` is read at the field "text", or the
        only one that holds strings; so is a table with kind="text".
    unit
        Texts: what a token is. "word" (the default), "character", or "bpe" for sub-words that are learned from the
        texts, which needs the package tokenizers.
    vocabulary
        Texts: the most tokens that are told apart, `<start>`, `<end>` and `<unk>` among them, at least 4; all others
        are `<unk>`. By default 7,000 words, 3,000 characters or 5,000 sub-words.
    clean
        Texts: by which rule they are read. "unicode" (the default) composes accents and syllables (NFC) and sets
        punctuation apart; every script, every mark and every emoji stays. "latin" makes letters small, sets .,!?;:'
        apart, drops every sign but these, digits and Latin letters, and leaves out lines that are then empty or that
        end in a colon. "none" changes nothing; words are what white space parts.
    length
        Texts: the most tokens of one, `<start>` and `<end>` among them, at least 3; longer ones are cut. By default as
        many as 99.5 % of the texts have, at most 256.
    time
        Series: the column of a table that says when each row was; dates, times or numbers such as years. The rows are
        put in its order. By default the only column of dates; without one the rows follow each other as they stand.
        All other columns of numbers are measured at that time; missing cells may be empty.
    window
        Series: how many rows make an item, at least 2. By default 48, or a tenth of the rows where that is fewer. No
        window spans a gap, several times longer than what usually lies between two rows.
    step
        Series: how many rows after one window the next begins. By default 1, so that windows overlap.
    series
        Series: the column that tells several of them apart, such as "shop".
    resample
        Series: whether rows at uneven times are brought to even steps, as long as the median one: each the mean of the
        rows nearest to it, missing where none is.
    memory
        `.csv`, `.tsv` and `.parquet`: gigabytes of memory that the table may take. A larger one is copied once into the
        cache folder and read from there a part at a time. By default half of what is free. Everything else is held as
        it comes.

    Returns
    -------
    Source
        With `kind`, `labels`, `names`, `notes`, `len()` and slices.

    Raises
    ------
    InputError
        The data cannot be used; the message says why and what to do.

    Examples
    --------
    >>> import latently, numpy as np
    >>> latently.open(np.zeros((5, 28, 28), np.uint8))
    <ImageSource: 5 pictures, 28 x 28, uint8>
    >>> latently.open([[1.0, 2.0], [3.0, 4.0]])
    <TableSource: 2 rows, 2 columns, numpy>
    >>> latently.open([[1.0, 2.0], [3.0, 4.0]], labels=["good", "bad"]).labels.tolist()
    ['good', 'bad']
    >>> latently.open(["I love you.", "사랑해요."])
    <TextSource: 2 texts, 2 words on average>
    >>> latently.open(np.zeros((100, 1)), window=24)
    <SeriesSource: 77 windows of 24 steps, 1 number each>
    """
    if kind is not None and kind not in KINDS:
        raise InputError(f"kind={kind!r} is not known; it is {', '.join(map(repr, KINDS))} or None for any.")
    if kinds is not None and not isinstance(cast(Any, kinds), Mapping):
        raise InputError(
            f'kinds={kinds!r} does not say which column is what; it is a dict such as {{"town": "category"}}.'
        )
    if memory is not None and not (
        isinstance(cast(Any, memory), Real) and not isinstance(memory, bool) and memory >= 0
    ):
        raise InputError(f"memory={memory!r} is no size; it is a number of gigabytes, at least 0, or None.")
    label = cast(Name, labels) if isinstance(labels, str | Integral) else None
    reading = texts.read_as(text, unit, vocabulary, clean, length)
    reading = replace(reading, **series_tables.asked(time, window, step, series, resample))
    asked = Asked(kind, dict(kinds or {}), None if size is None else _size(size), reading, label, memory)
    source = _opened(x, asked)
    if isinstance(source, tables.TableSource) and (text is not None or kind == "text"):
        source = texts.source_of_column(source if label is None else source.labelled(label), reading)
    elif isinstance(source, tables.TableSource) and (reading.about("series") or kind == "series"):
        source = series_tables.source_of_table(source if label is None else source.labelled(label), reading)
    _check_kind(source, asked)
    return source if labels is None or (label is not None and source.label == label) else source.labelled(labels)


def _check_kind(source: Source, asked: Asked) -> None:
    """Refuses data of another kind than asked, and options of another kind than the data."""
    if asked.kind and source.kind != asked.kind:
        raise InputError(f"{KINDS[asked.kind]} must be given here, but the data are {source.summary}; give other data.")
    own: dict[str, tuple[tuple[Kind, ...], str, Any]] = {
        "size": (("image",), "pictures", asked.size),
        "kinds": (("table", "series"), "the columns of a table", asked.kinds),
        **{key: (("text",), "texts", value) for key, value in asked.reading.about("text").items()},
        **{key: (("series",), "series", value) for key, value in asked.reading.about("series").items()},
    }
    for key, (kinds, whose, value) in own.items():
        if value and source.kind not in kinds:
            column = (
                ", or name the column of texts with text='COLUMN'" if (*kinds, source.kind) == ("text", "table") else ""
            )
            raise InputError(
                f"{key}={value!r} is for {whose}, but the data are {source.summary}; leave it out{column}."
            )


def _size(size: Any) -> Size:
    try:
        given = list(cast(Sequence[Any], size)) if isinstance(size, Sequence | np.ndarray) else []
        height, width = (int(side) for side in given)
        if [height, width] == given and min(height, width) >= 1 and max(height, width) < images.MOST:
            return height, width
    except (TypeError, ValueError, OverflowError):  # OverflowError: infinity
        pass
    raise InputError(
        f"size={size!r} is not a size; it is (height, width), two whole numbers of at least 1 and "
        f"less than {images.MOST}."
    )


def _opened(x: Any, asked: Asked) -> Source:
    if isinstance(x, Source):
        read = asked.reading if isinstance(x, tables.TableSource) else x.reading  # a table is read now
        given = (asked.kinds, asked.size, asked.reading)
        if given not in (({}, None, Reading()), (x.kinds, x.size, read), ({}, None, read)):
            raise InputError(
                "how data are read (kinds, size, unit, clean and so on) cannot be changed once data are open; open the "
                "data themselves with it."
            )
        return x
    if isinstance(x, str | Path):
        return _of_path(_path(x), asked)
    if hasattr(x, "detach"):  # a torch tensor
        x = x.detach().cpu().numpy()
    listed = texts.strings(x)
    if listed is not None:
        return texts.source_of_texts(listed, asked.reading)
    if isinstance(x, np.ndarray):
        return of_array(cast(NDArray[Any], x), asked)
    if isinstance(x, list) and not x:
        raise InputError("the list is empty; give at least one item: a row, a picture, a text.")
    if isinstance(x, Sequence) and len(cast(Sequence[Any], x)) and not isinstance(x, bytes):
        first = cast(Any, x[0])
        if isinstance(first, Image.Image) or tables.dimensions(first) > 1:
            return images.source_of_list([_picture(item) for item in cast(Sequence[Any], x)], asked)
    table = tables.source_of_frame(x, kinds=asked.kinds)
    return tables.source_of_matrix(x, kinds=asked.kinds) if table is None else table


def _picture(item: Any) -> NDArray[Any]:
    tables.dimensions(item)
    return array_files.unmasked(np.asanyarray(item))


def _path(x: str | Path) -> Path:
    """The path, where it can be one at all."""
    if not str(x).strip() or (isinstance(x, Path) and x == Path()):  # Path("") and Path(".") are one
        raise InputError('the path is empty; give the path of a file or a folder, "." for the folder you are in.')
    try:
        path = Path(x).expanduser()
        path.exists()
    except (OSError, RuntimeError) as error:
        short = f"{str(x)[:60]}..." if len(str(x)) > 60 else x
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{short} is a path that cannot be opened ({reason}); give one of a file or folder."
        ) from error
    return path


_READERS: dict[str, Callable[[Path, Asked], Source]] = {
    ".npy": array_files.npy,
    ".npz": array_files.npz,
    ".csv": table_files.delimited,
    ".tsv": table_files.delimited,
    ".parquet": table_files.parquet,
    ".pq": table_files.parquet,
    ".zip": folder.pictures,
    ".txt": text_files.lines,
    ".jsonl": text_files.json_lines,
}


def _alike(path: Path, there: Sequence[str]) -> list[str]:
    """The one of these names that was meant, if any; endings that are the same make no names alike.

    >>> _alike(Path("phots"), ["photos", "notes"]), _alike(Path("x.csv"), ["y.csv"]), _alike(Path("a.cvs"), ["a.csv"])
    (['photos'], [], ['a.csv'])
    """
    stems = {Path(name).stem: name for name in there}
    return [stems[stem] for stem in get_close_matches(path.stem, stems, 1, 0.7)]


def _of_path(path: Path, asked: Asked) -> Source:
    if not path.exists():
        there = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        near = _alike(path, there)
        hint = f"did you mean {near[0]}?" if near else "check the spelling."
        if " " in path.name and not path.suffix and not near:
            hint = f"check the spelling; if it is a text itself, give a list of texts: [{str(path)!r}]."
        raise InputError(f"{path} is not there; {hint}")
    if path.is_dir():
        found = array_files.idx_folder(path, asked) or text_files.folder_of_texts(path, asked)
        return found or folder.pictures(path, asked)
    if array_files.is_idx(path):
        return array_files.idx(path, asked)
    ending = path.name.lower().removesuffix(".gz")
    for known, reader in _READERS.items():
        if ending.endswith(known):
            return reader(path, asked)
    if path.suffix.lower() in Image.registered_extensions():
        raise InputError(f"{path} is a single picture; give the folder it is in, or a zip of one.")
    raise InputError(
        f"{path} has an ending that is not known; allowed are folders of pictures or of texts, {', '.join(_READERS)}, "
        ".csv.gz and IDX files (...-ubyte, .gz too)."
    )
