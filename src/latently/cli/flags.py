"""Flags generated from what the models declare, and the few values that need a spelling of their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

import click
from click.core import ParameterSource

import latently

_NUMBERS: dict[type, Any] = {int: int, float: float}
_WORDS = {float: "X", int: "N", str: "TEXT"}


def reader(declared: Any) -> Callable[[Any], Any]:
    """Reads a hyper-parameter's value as one of its types; what cannot be read is left for the model's own check."""

    def read(text: Any) -> Any:
        if type(None) in declared.types and str(text).lower() == "none":
            return None
        for kind in (k for k in _NUMBERS if k in declared.types and isinstance(text, str)):
            with suppress(ValueError):
                return _NUMBERS[kind](text)
        return text

    return read


def size(text: Any) -> tuple[int, int]:
    """Height and width of a picture: `64x48`, or `64` for a square.

    >>> size("64x48"), size("64")
    ((64, 48), (64, 64))
    """
    found = re.fullmatch(r"([1-9]\d*)(?:[x×,]([1-9]\d*))?", str(text).lower())
    if not found:
        raise click.BadParameter(f"{text!r} is no size; give height x width as in 64x48, or one number for a square.")
    return int(found[1]), int(found[2] or found[1])


def column_kind(text: Any) -> tuple[str, str]:
    """What a column is.

    >>> column_kind("zip=category")
    ('zip', 'category')
    """
    column, sign, kind = str(text).rpartition("=")
    if not (sign and column and kind):
        raise click.BadParameter(f"{text!r} is not COLUMN=KIND, as in zip=category.")
    return column, kind


READING: dict[str, dict[str, Any]] = {  # how texts and series are read; `latently.open` checks them
    "text": {"metavar": "COLUMN", "help": "The column that holds the texts, of a table or .jsonl."},
    "unit": {
        "metavar": "[word|character|bpe]",
        "help": "What a token of a text is; bpe: sub-words, learned from the texts.  [default: word]",
    },
    "vocabulary": {
        "type": int,
        "metavar": "N",
        "help": "Most tokens that are told apart; others are <unk>.  [default: 7000 words, 3000 characters, 5000 bpe]",
    },
    "clean": {
        "metavar": "[unicode|latin|none]",
        "help": "How texts are cleaned; latin: small letters, few signs, no headings.  [default: unicode]",
    },
    "length": {
        "type": int,
        "metavar": "N",
        "help": "Most tokens of a text; longer ones are cut.  [default: enough for 99.5 %, at most 256]",
    },
    "time": {
        "metavar": "COLUMN",
        "help": "A series: the column that says when each row was.  [default: the only one of dates, with --window]",
    },
    "window": {
        "type": int,
        "metavar": "N",
        "help": "A series: how many rows make an item.  [default: 48, with --time]",
    },
    "step": {"type": int, "metavar": "N", "help": "A series: rows from one window to the next.  [default: 1]"},
    "series": {"metavar": "COLUMN", "help": "The column that tells several series apart."},
    "resample": {"is_flag": True, "help": "Bring the rows of a series at uneven times to even steps."},
}


_ARGUMENT = re.compile(r"""(?<![\w.(\[-])([a-z_]+)=("[^"]*"|'[^']*'|-?(?:[\w.+-]*\w)?)""")
_KINDS = re.compile(r"""kinds=\{"(.+?)": "(\w+)"\}""")
_SIDES = re.compile(r"""size=\((\w+), (\w+)\)""")
_NOTHING = re.compile(r"(?<=or )None\b|(?<=is )None(?= or )")
_TWICE = re.compile(r"(--[\w-]+(?: \w+)?)(?:, or \1| \(\1\))(?!\w)")


def as_flags(text: str) -> str:
    """A sentence that speaks of Python's arguments, as one that speaks of flags.

    >>> as_flags("longer ones were cut; length=N keeps more.")
    'longer ones were cut; --length N keeps more.'
    >>> as_flags('kinds={"zip": "category"} keeps it.')
    '--kind zip=category keeps it.'
    >>> as_flags("size=(height, width) chooses another size.")
    '--size HEIGHTxWIDTH chooses another size.'
    >>> as_flags("epochs=-3 is not allowed; it is a whole number or None.")
    '--epochs -3 is not allowed; it is a whole number or none.'
    """
    text = _NOTHING.sub("none", text)
    text = _SIDES.sub(lambda found: f"--size {found[1].upper()}x{found[2].upper()}", text)
    text = _KINDS.sub(r"--kind \1=\2", text)
    return _TWICE.sub(r"\1", _ARGUMENT.sub(_as_flag, text)) if "=" in text else text


def _as_flag(found: re.Match[str]) -> str:
    name, value = found[1], found[2].strip("\"'")
    flag = _flags().get(name)
    if flag is None:
        return found[0]
    if value in ("True", "False"):
        return flag if value == "True" else f"--no-{flag[2:]}"
    return f"{flag} {value}".rstrip()


@cache
def _flags() -> dict[str, str]:
    """The flag of each of Python's arguments that has one."""
    declared = {key for cls in fitted().values() for key in latently.parameters(cls)}
    names = {*declared, *latently.parameters(latently.Writing), *READING, "size"} - {"verbose", "n"}
    names |= {"how", "data", "axis", "reach", "of", "variations", "strength", "minutes", "by", "odd"}
    return {name: f"--{name.replace('_', '-')}" for name in names} | {"n": "-n", "labels": "--label", "kinds": "--kind"}


def fitted() -> dict[str, Any]:
    """All that `fit` can fit: models and detectors, by name."""
    return {**latently.MODELS, **latently.DETECTORS}


def read_as(command: Any) -> Any:
    """Adds the flags that say how texts and series are read."""
    for name, how in reversed(READING.items()):
        command = click.option(f"--{name}", **how)(command)
    return command


class Generated(click.Option):
    """A hyper-parameter as a flag, and the models that have it, each with what it declares."""

    def __init__(self, declared: Mapping[str, Any]) -> None:
        usual = _usual(declared)
        flag = f"--{usual.name.replace('_', '-')}"
        types = dict.fromkeys(kind for one in declared.values() for kind in one.types)
        how: dict[str, Any] = {"type": reader(replace(usual, types=tuple(types))), "metavar": _metavar(usual)}
        if bool in usual.types:
            flag, how = f"{flag}/--no-{flag[2:]}", {}
        super().__init__([flag, usual.name], default=None, help=_about(declared), show_default=False, **how)
        self.models = tuple(declared)


def _usual(declared: Mapping[str, Any]) -> Any:
    """What most models declare; of equals the first."""
    counts = Counter((one.help, one.default) for one in declared.values())
    return next(one for one in declared.values() if (one.help, one.default) == counts.most_common(1)[0][0])


def _about(declared: Mapping[str, Any]) -> str:
    """What a flag means and what it is by default, then what differs for some models.

    >>> about = latently.params.Param("latent", "numbers in a code; by default 16", (int,), None)
    >>> _about({"ae": about, "vae": about, "text-vae": replace(about, help="numbers in a code; by default 32")})
    'Numbers in a code; by default 16. Of text-vae: by default 32.'
    """
    usual = _usual(declared)
    known = usual.help.split("; ")
    others: dict[tuple[str, str], list[str]] = {}
    for model, one in declared.items():
        said = "; ".join(clause for clause in one.help.split("; ") if clause not in known)
        default = "" if one.default == usual.default or one.default is None else f"[default: {one.default}]"
        if said or default:
            others.setdefault((said, default), []).append(model)
    text = f"{usual.help[0].upper()}{usual.help[1:]}."
    if usual.default is not None:
        text += f"  [default: {usual.default}]"
    for (said, default), models in others.items():
        text += " ".join(filter(None, (f" Of {', '.join(models)}:", said and f"{said}.", default)))
    return text


def _others(models: tuple[str, ...]) -> str | None:
    """Which have it not, of a setting that every model has; None where it is one of some models."""
    others = [name for name in fitted() if name not in models]
    if {*others} & {*latently.MODELS}:
        return None
    return f", but not {', '.join(others)}" if others else ""


def _metavar(declared: Any) -> str | None:
    if declared.choices:
        return f"[{'|'.join(declared.choices)}]"
    return next((word for kind, word in _WORDS.items() if kind in declared.types), None)


class FitCommand(click.Command):
    """A command whose flags are also all that any model declares; they are collected when it is used, not before."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *generated()]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is None or isinstance(param, click.Argument):
                continue
            title = "Options"
            if isinstance(param, Generated):
                others = _others(param.models)
                title = f"Only {', '.join(param.models)}" if others is None else f"Every model{others}"
            sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records, col_max=30)


@cache
def generated() -> tuple[Generated, ...]:
    """One flag for each hyper-parameter of any model, the shared ones first."""
    declared: dict[str, dict[str, Any]] = {}
    for name, cls in fitted().items():
        for key, one in latently.parameters(cls).items():
            if key != "verbose":  # the command line always shows its progress
                declared.setdefault(key, {})[name] = one
    return tuple(sorted(map(Generated, declared.values()), key=lambda flag: -len(flag.models)))


def chosen(model: str, ctx: click.Context) -> dict[str, Any]:
    """The hyper-parameters that were given on the command line, checked against what `model` declares."""
    flags = [f for f in generated() if ctx.get_parameter_source(str(f.name)) is ParameterSource.COMMANDLINE]
    declared = latently.parameters(fitted()[model])
    for flag in flags:
        if model not in flag.models:
            whose = "but of every model" if _others(flag.models) is not None else f"only of {', '.join(flag.models)}"
            raise click.UsageError(
                f"{flag.opts[0]} is no setting of {model}, {whose}; leave it out, or choose --model {flag.models[0]}"
            )
        declared[str(flag.name)].check(ctx.params[str(flag.name)], fitted()[model].__name__)
    return {str(flag.name): ctx.params[str(flag.name)] for flag in flags}
