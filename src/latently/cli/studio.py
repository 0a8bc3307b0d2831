"""`latently studio`: the web page to look into trained models."""

from __future__ import annotations

import click

import latently

HELP = "The address to listen at; any but this machine's own asks for a token, which is printed."


@click.command(short_help="Open the web page to look into your models.")
@click.argument("runs", required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=8420, show_default=True, help="0 takes any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help=HELP)
@click.option("--browser/--no-browser", default=True, help="Open it in the browser.  [default: yes]")
def studio(runs: str | None, port: int, host: str, browser: bool) -> None:
    """Open the studio over a folder of runs: items and their codes, new ones drawn, odd ones found, networks shown.

    RUNS is a folder of runs, or one run; by default runs/ in this folder. Only this machine is answered, nothing is
    fetched from anywhere, and nothing is sent.

    \b
    Examples:
      latently studio
      latently studio latently-demo
      latently studio runs --port 9000 --no-browser
    """
    latently.serve(runs, port=port, host=host, browser=browser)
