"""The web application: the API over a folder of runs and the files of the pages, behind the guard."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

import latently

from .comparisons import Comparisons
from .jobs import Jobs
from .routes import failures, router
from .shelf import Shelf

STATIC = Path(__file__).parent / "static"
POINTS = files("latently") / "explore" / "pages" / "pointmap.js"  # the map of the pages that are written to a file
ABOUT = """
Trained models for other programs on this machine. A model is named by its run's path below the folder that is served.

Where a request is about items, send either `rows`, numbers of the data that the run was trained on, or `items`:
pictures as base64 of a PNG or JPEG (or nested lists of numbers), rows of a table as objects by column or as lists of
cells with null where one is missing, texts as strings. What can be mended is answered as `{"error": sentence}`.
Beyond this machine send the token as `Authorization: Bearer TOKEN`.
"""


def application(folder: Path) -> FastAPI:
    """The API and the files of the pages; pages are added by `pages.add`."""
    app = FastAPI(
        title="Latently",
        version=latently.__version__,
        description=ABOUT,
        openapi_url="/api/openapi.json",
        docs_url=None,  # both of FastAPI's pages load their scripts from elsewhere
        redoc_url=None,
    )
    app.state.shelf = Shelf(folder)
    app.state.jobs = Jobs(app.state.shelf)
    app.state.comparisons = Comparisons(app.state.shelf)
    app.include_router(router)
    app.add_route("/static/pointmap.js", lambda _: FileResponse(str(POINTS)))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    failures(app)
    return app
