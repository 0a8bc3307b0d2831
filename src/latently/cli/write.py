"""`latently write`: a model of texts at work, its words as they come."""

from __future__ import annotations

from functools import cache
from typing import Any

import click

import latently

from .flags import Generated
from .speech import json_flag, show
from .use import COUNT


@cache
def _asked() -> tuple[click.Option, ...]:
    """One flag for each thing that can be asked of a text, but for how many."""
    return tuple(Generated({key: one}) for key, one in latently.parameters(latently.Writing).items() if key != "n")


class WriteCommand(click.Command):
    """A command whose flags are also what can be asked of a text; they are collected when it is used, not before."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *_asked()]


@click.command(cls=WriteCommand, short_help="Write new texts.")
@click.argument("model")
@click.option("--prompt", "-p", default="", help="What to begin with.  [default: nothing]")
@click.option("-n", "count", type=COUNT, default=1, show_default=True, help="How many texts.")
@json_flag
def write(model: str, prompt: str, count: int, as_json: bool, **asked: Any) -> None:
    """Write new texts with MODEL, trained on texts: words appear as they are written.

    MODEL is a model file or a run folder. Without --seed each text is another one.

    \b
    Examples:
      latently write runs/plays --prompt "i love"
      latently write runs/plays -n 10 --max-words 30 --temperature 0.8
      latently write runs/plays -p "my lord" --beams 8
    """
    loaded: Any = latently.load(model)
    if not isinstance(loaded, latently.LanguageModel):
        texts = loaded.codec_.spec.kind == "text"
        instead = (
            f"goes on with no prompt; draw new texts with: latently sample {model} -o new.txt, or go from one to "
            f'another with: latently interpolate {model} "TEXT" "TEXT"'
            if texts
            else f"writes no texts; give a language-model, or draw items with: latently sample {model}"
        )
        raise latently.InputError(f"{model} holds a model, {loaded.name}, which {instead}")
    how = {key: value for key, value in asked.items() if value is not None}
    if as_json or count != 1 or how.get("beams", 1) != 1:
        texts: list[str] = loaded.write(prompt, n=count, **how)
        show(as_json, {"prompt": prompt, "texts": texts}, "\n".join(texts))
        return
    pieces = loaded.writing(prompt, **{key: value for key, value in how.items() if key != "beams"})
    click.echo(prompt, nl=False)
    for piece in pieces:
        click.echo(piece, nl=False)
    click.echo()
