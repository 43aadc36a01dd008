"""The web application: routes, pages and static files behind one guard."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api import errors
from api.pages import account as account_page
from api.pages import endpoints as endpoints_page
from api.pages import loads as loads_page
from api.routes import accounts, communities, health, loads, members, queries, runs
from api.security import Guarded
from graph.lake import Lake
from graph.settings import Settings
from graph.store import GraphStore

STATIC = Path(__file__).parent / "static"
DESCRIPTION = (
    "Know your group customers and partners. Lists come as JSON, or as CSV with `format=csv`. Every figure "
    "says the day of its data (`as_of`), the run that computed it (`run_id`) and its query (`link`)."
)


def create_app(lake: Lake, store: GraphStore, settings: Settings) -> FastAPI:
    """The application over one lake and one graph. It closes neither; whoever opened them does."""
    app = FastAPI(title="Guanxi", version=_version(), description=DESCRIPTION, docs_url=None, redoc_url=None)
    app.state.lake = lake
    app.state.store = store
    app.state.settings = settings
    errors.install(app)
    for module in (health, accounts, members, communities, queries, runs, loads):
        app.include_router(module.router)
    for page in (account_page, loads_page, endpoints_page):
        app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Guarded, host=settings.host)
    return app


def _version() -> str:
    try:
        return version("guanxi")
    except PackageNotFoundError:
        return "0"
