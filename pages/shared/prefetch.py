"""The code that draws figures, fetched by the browser while the visitor still reads the first page.

Streamlit loads its 5 MB drawing module when the first figure appears, which costs that page up to two seconds. Asked
for ahead, in an idle moment, it is there. Where a later Streamlit names the file otherwise, nothing is fetched ahead.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

_SCRIPT = """
export default function ({ data }) {
  if (window.fulcrumFetched || !data.module) return
  window.fulcrumFetched = true
  const whenIdle = window.requestIdleCallback || (later => setTimeout(later, 300))
  setTimeout(() => whenIdle(() => import(data.module).catch(() => {})), 700)
}
"""


def prefetch_figures() -> None:
    """Ask the browser to load the drawing module; once a visit, and nothing that can be seen."""
    with st.sidebar:
        st.components.v2.component("fulcrum_prefetch", js=_SCRIPT)(key="prefetch", data={"module": _module()})


@cache
def _module() -> str:
    """The address of the drawing module on this server, "" where it is not found."""
    scripts = Path(st.__file__).parent / "static" / "static" / "js"
    found = sorted(scripts.glob("PlotlyChart.*.js"))
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' + base if base else ''}/static/js/{found[0].name}" if len(found) == 1 else ""
