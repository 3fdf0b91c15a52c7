"""What the server does once, when it starts and before the first visitor."""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from streamlit.runtime.pages_manager import PagesManager

from pages.shared.boundary import show_error

__all__ = ["serving", "show_error"]

_WARM = ("sklearn.ensemble", "sklearn.linear_model", "imblearn.combine", "statsmodels.api", "mlflow")
"""Slow imports of the pages, made ahead of the first click. SHAP, LightGBM and models live in the worker only."""

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
    with suppress(ImportError):
        _start_worker()
    for name in _WARM:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001  a broken package must not take the other pages down
            _log.exception("The import of %s failed; the page that needs it will say so.", name)


def _start_worker() -> None:
    from mlops_lib.jobs.start import ensure_worker

    from pages.shared.session import workspace

    ensure_worker(workspace())
