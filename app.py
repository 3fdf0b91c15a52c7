"""Fulcrum: the routes. `streamlit run app.py` starts the server, which runs this file again for every visit."""

from __future__ import annotations

import streamlit as st

if __name__ == "__main__":
    from pages.shared.routes import show_page

    show_page()
else:
    from pages.shared.server import serving, show_error

    app = st.App(__file__, lifespan=serving, on_script_error=show_error)
