"""The shell around the rooms: a rail, the choice of a run, light or dark, the language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from nicegui import ui
from starlette.responses import RedirectResponse

from .shelf import Entry, Shelf
from .speech import LANGUAGES, embedded, language, strings

THEMES: dict[str | None, bool | None] = {"dark": True, "light": False}  # and None, as the system says
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#2b5fd9" '
    'd="M3 4l11 8v8L3 28zM29 4l-11 8v8l11 8z"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Room:
    """A room: its name, its icon, and whether it is about one run."""

    name: str
    icon: str
    of_run: bool = True


ROOMS = (
    Room("map", "scatter_plot"),
    Room("items", "grid_view"),
    Room("generate", "tune"),
    Room("anomalies", "troubleshoot"),
    Room("anatomy", "hourglass_empty"),
    Room("compare", "balance", of_run=False),
    Room("train", "show_chart", of_run=False),
)
_BY_NAME = {room.name: room for room in ROOMS}


def add(app: FastAPI) -> None:
    """Adds the pages to the application; once a process, as NiceGUI keeps its pages for all."""
    shelf: Shelf = app.state.shelf

    def front(request: Request) -> Any:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/{ROOMS[0].name}{query}")

    def page(request: Request, room: str) -> Any:
        if room not in _BY_NAME:
            return front(request)
        query, cookies = request.query_params, request.cookies
        asked, kept, accepted = query.get("lang"), cookies.get("latently-language"), request.headers
        spoken = language(asked, kept, accepted.get("accept-language", ""))
        Page(shelf, _BY_NAME[room], spoken, query.get("run"), cookies.get("latently-theme")).build()
        return None

    ui.page("/{room}", dark=None)(page)
    ui.page("/", dark=None)(front)
    ui.run_with(app, title="Latently", favicon=ICON, dark=None, tailwind=False, show_welcome_message=False)


class Page:
    """One page, for one visit."""

    def __init__(self, shelf: Shelf, room: Room, spoken: str, run: str | None, theme: str | None) -> None:
        self.room, self.spoken, self.theme = room, spoken, theme
        self.strings = strings(spoken)
        self.entries = shelf.entries()
        self.run = _chosen(self.entries, run)

    def say(self, key: str) -> str:
        return self.strings[key]

    def build(self) -> None:
        """The whole page."""
        self._head()
        with ui.element("div").classes("studio"):
            self._rail()
            with ui.element("main").classes("studio-main"):
                self._top()
                if not self.room.of_run:
                    self._room("")
                elif not self.entries:
                    self._room("", "empty")
                elif self.run is None:
                    _sentence(self.say("shell.gone"))
                elif self.run.state != "ready":
                    _sentence(self.run.reason or self.say("shell.unfinished"))
                else:
                    self._room(self.run.id)

    def _head(self) -> None:
        told = f'id="studio-strings" lang="{self.spoken}"'
        ui.add_head_html(f'<script type="application/json" {told}>{embedded(self.strings)}</script>')
        ui.add_head_html('<link rel="stylesheet" href="/static/studio.css">')
        ui.add_head_html('<script type="module" src="/static/studio.js"></script>')
        ui.page_title(f"{self.say(f'room.{self.room.name}')} · Latently")
        self.dark = ui.dark_mode(THEMES.get(self.theme))
        ui.run_javascript(f"document.documentElement.lang = '{self.spoken}'")

    def _rail(self) -> None:
        with ui.element("nav").classes("studio-rail").props(f'aria-label="{self.say("shell.rooms")}"'):
            ui.html(ICON, sanitize=False).classes("studio-mark")
            for room in ROOMS:
                here = room is self.room
                link = ui.link(target=self._address(room.name)).classes("studio-link" + " is-here" * here)
                with link.props('aria-current="page"' if here else ""):
                    ui.icon(room.icon)
                    ui.label(self.say(f"room.{room.name}"))

    def _top(self) -> None:
        with ui.element("header").classes("studio-top"):
            if self.entries and self.room.of_run:
                options = {entry.id: _named(entry, self) for entry in self.entries}
                ui.select(
                    options,
                    value=self.run.id if self.run else None,
                    label=self.say("shell.run"),
                    with_input=len(options) > 8,
                    on_change=lambda change: ui.navigate.to(self._address(self.room.name, run=change.value)),
                ).classes("studio-run").props("dense outlined options-dense")
            ui.element("span").classes("studio-space")
            for code, name in LANGUAGES.items():
                if code != self.spoken:
                    ui.link(name, self._address(self.room.name, lang=code)).classes("studio-language").props(
                        f'lang="{code}"'
                    )
            turn = ui.button(icon="contrast", color=None, on_click=self._turn).props("flat round dense")
            turn.classes("studio-theme").tooltip(self.say("shell.theme"))

    def _turn(self) -> None:
        """Light to dark and back; what the system says is where one begins."""
        ui.run_javascript("window.studioTheme()")

    def _room(self, run: str, name: str = "") -> None:
        room = ui.element("latent-room").classes("studio-room")
        room.props["name"], room.props["run"] = name or self.room.name, run

    def _address(self, room: str, **changed: str) -> str:
        known = {"run": self.run.id} if self.run else {}
        return f"/{room}?{urlencode({**known, 'lang': self.spoken, **changed})}"


def _chosen(entries: list[Entry], asked: str | None) -> Entry | None:
    """The run that was asked for; of none the latest that is ready."""
    if asked is not None:
        return next((entry for entry in entries if entry.id == asked), None)
    return next((entry for entry in entries if entry.state == "ready"), entries[0] if entries else None)


def _named(entry: Entry, page: Page) -> str:
    about = entry.model if entry.state == "ready" else page.say(f"state.{entry.state}")
    return f"{entry.id} · {about}" if about else entry.id


def _sentence(text: str) -> None:
    ui.label(text).classes("studio-sentence")
