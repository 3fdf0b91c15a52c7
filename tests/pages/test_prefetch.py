"""The drawing module that is fetched ahead is one that the server has."""

from pathlib import Path

import streamlit as st

from pages.shared import prefetch


def test_the_address_names_a_file_of_the_installed_streamlit() -> None:
    address = prefetch._module()
    assert address.startswith("/static/js/PlotlyChart.")
    assert (Path(st.__file__).parent / "static" / address.removeprefix("/")).is_file()
