"""Two things that Streamlit 1.67 draws in a way that not everybody can read, and their mending.

Its navigation with sections puts `div`s into a list, which screen readers then announce wrongly: the broken list is
declared to be none, the links in their landmark stay. And text on a primary button is white in both schemes, so no
accent can be read both as a button and as text on a dark page: in the dark scheme the label becomes dark. What is drawn
for its effect only lies in the sidebar, so the line that would set it off from the navigation goes.
"""

from __future__ import annotations

import streamlit as st

_STYLE = """
<style>
[data-testid="stBaseButton-primary"]:not(:disabled), [data-testid="stBaseButton-primaryFormSubmit"]:not(:disabled) {
  color: light-dark(#FFFFFF, #0B1413);
}
[data-testid="stSidebarNavSeparator"] { display: none; }
</style>
"""

_SCRIPT = """
export default function () {
  const items = '[data-testid="stSidebarNavItems"], [data-testid="stSidebarNavItems"] li'
  const mend = () => document.querySelectorAll(items).forEach(item => item.setAttribute("role", "presentation"))
  mend()
  const watch = new MutationObserver(mend)
  watch.observe(document.body, { childList: true, subtree: true })
  return () => watch.disconnect()
}
"""


def mend() -> None:
    """Draw the mending: nothing that can be seen or that takes room in the page."""
    st.html(_STYLE)
    with st.sidebar:
        st.components.v2.component("fulcrum_mending", js=_SCRIPT)(key="mending")
