"""What the server does once, when it starts and before the first visitor."""

from __future__ import annotations

import gc
import importlib
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from streamlit.runtime.pages_manager import PagesManager

from mlops_lib.jobs.start import ensure_worker
from mlops_lib.registry.settings import load_mlflow
from pages.shared.boundary import show_error
from pages.shared.routes import first_page_drawn
from pages.shared.session import workspace

__all__ = ["serving", "show_error"]

_WARM = ("plotly.graph_objects", "sklearn.ensemble", "sklearn.linear_model", "imblearn.combine", "statsmodels.api")
"""Slow imports of the pages, made ahead of the first click. SHAP, LightGBM and models live in the worker only."""

_PATIENCE = 5.0
"""Seconds to wait for a first visitor before preparing anyway."""

_log = logging.getLogger("fulcrum")


@asynccontextmanager
async def serving(_app: Any) -> AsyncIterator[None]:
    """Claim the routes, then start the worker and the slow imports beside the server, which listens at once."""
    claim_routes()
    threading.Thread(target=_prepare, name="fulcrum-prepare", daemon=True).start()
    yield


def claim_routes() -> None:
    """Tell Streamlit before the first visit that this app routes by itself, as `st.navigation` does on the first run.

    Without this the very first run takes the folder `pages/` for automatic pages, does not find the page of a deep link
    among them, and lays a "Page not found" notice over the right page.
    """
    PagesManager.uses_pages_directory = False


def _prepare() -> None:
    first_page_drawn.wait(_PATIENCE)  # imports hold the interpreter's lock and would keep the first visitor waiting
    ensure_worker(workspace())
    for name in (*_WARM, *_own_modules()):
        importlib.import_module(name)
    load_mlflow()
    spare_the_collector()
    _log.info("The slow imports are done.")


def _own_modules() -> list[str]:
    """What the pages are made of."""
    package = __name__.rpartition(".")[0]
    return sorted(f"{package}.{path.stem}" for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__")


def spare_the_collector() -> None:
    """Leave what was imported out of all later garbage collections: it is never garbage.

    Streamlit collects after every run of a script, and nobody else's script runs meanwhile. Looking at all that the
    libraries hold (hundreds of thousands of objects) took 0.2 s of each click, of whoever clicked.
    """
    gc.collect()
    gc.freeze()
