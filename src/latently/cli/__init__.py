"""The command line: it parses, calls the public API and shows what came back. No decision is taken here."""

from __future__ import annotations

import click

from . import anatomy, anomalies, compare, demo, evaluate, fit, look, paths, photos, places, use, write
from .speech import Speaking

_HELP = """
Learn a compact code for each item of your own data, and use it.

Give a folder of pictures or a table. Latently learns to write each picture or row as a few numbers, its code, and to
restore it from them. With the codes you compress, clean, find odd items, search, and draw new ones. Give texts, and it
learns to write more of them.

\b
Start here:
  latently demo                               a first model in a minute, no data needed
  latently fit photos/ --out runs/photos      your pictures; sub-folders are labels
  latently fit people.csv --out runs/people   your table: numbers, words, dates, gaps
  latently fit plays.txt --out runs/plays -m language-model   your texts: a line is one

\b
Then:
  latently encode runs/photos photos/ -o codes.csv
  latently sample runs/photos -n 64 -o grid.png
  latently neighbors runs/photos photos/ --query 0 -o alike.png
  latently interpolate runs/photos a.png b.png -o strip.png
  latently denoise runs/photos night.jpg -o clean.png
  latently traverse runs/photos -o axes.gif
  latently anomalies runs/people new-people.csv
  latently evaluate runs/photos new-photos/
  latently compare runs/photos runs/others --data photos/ -o compared.html
  latently write runs/plays --prompt "i love"

Each command has a page of its own: latently fit --help.
"""

_EPILOG = """\b
Exit codes: 0 done; 2 something you can put right (one sentence says what); 130 stopped with Ctrl-C; 1 a fault of
Latently's own. LATENTLY_DEBUG=1 shows where in the code.
"""


@click.group(
    cls=Speaking,
    help=_HELP,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(None, "-V", "--version", package_name="latently", message="latently %(version)s")
def cli() -> None:
    pass


for _command in (
    fit.fit,
    use.encode,
    use.reconstruct,
    use.sample,
    write.write,
    photos.tiles,
    photos.denoise,
    photos.impute,
    places.neighbors,
    paths.interpolate,
    paths.traverse,
    paths.classes,
    places.words,
    anomalies.anomalies,
    evaluate.evaluate,
    compare.compare,
    compare.bench_models,
    look.info,
    look.models,
    look.report,
    anatomy.anatomy,
    demo.demo,
):
    cli.add_command(_command)


def main() -> None:
    """Runs the command line on the process's arguments and exits."""
    cli.main(prog_name="latently")


__all__ = ["cli", "main"]
