"""Colours keep their one meaning and stand on both schemes; empty figures leave text and background open."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from mlops_lib.charts import theme
from mlops_lib.train.ladder import RUNGS
from mlops_lib.train.models import MODELS

CONFIG = tomllib.loads((Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text())
MARKS = {theme.POSITIVE, theme.NEGATIVE, theme.NEUTRAL, *theme.CATEGORICAL, *theme.MODEL_COLOURS.values()}

LABELS = {"light": "#FFFFFF", "dark": "#0B1413"}
"""The text on a primary button: white, and in the dark scheme what `pages/shared/mending.py` makes of it."""


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_and_texts_stand_on_the_background(scheme: str) -> None:
    colours = CONFIG["theme"][scheme]
    for colour in MARKS:
        assert _contrast(colour, colours["backgroundColor"]) >= 3, colour
    assert _contrast(colours["textColor"], colours["backgroundColor"]) >= 7
    assert _contrast(colours["linkColor"], colours["backgroundColor"]) >= 4.5
    assert _contrast(LABELS[scheme], colours["primaryColor"]) >= 4.5


def test_what_can_be_clicked_has_no_class_colour_and_no_model_has_one_either() -> None:
    classes = {theme.POSITIVE, theme.NEGATIVE}
    assert {CONFIG["theme"][scheme]["primaryColor"] for scheme in ("light", "dark")}.isdisjoint(classes)
    assert classes.isdisjoint(theme.CATEGORICAL)
    assert classes.isdisjoint(theme.MODEL_COLOURS.values())


def test_every_model_and_rung_of_the_ladder_has_its_own_look() -> None:
    assert set(theme.MODEL_COLOURS) == set(MODELS)
    assert len({theme.model_colour(name) for name in MODELS}) == len(MODELS)
    tiers = [name for name, rung in RUNGS.items() if not rung.dummy]
    assert len({theme.rung_dash(name) for name in tiers}) == len(tiers)


def test_an_unknown_model_keeps_its_colour() -> None:
    assert theme.model_colour("my_model") == theme.model_colour("my_model")
    assert theme.model_colour("my_model") in theme.CATEGORICAL


def test_scales_run_from_nothing_to_all() -> None:
    for scale in (theme.SEQUENTIAL, theme.DIVERGING):
        places = [place for place, _ in scale]
        assert places[0] == 0
        assert places[-1] == 1
        assert all(a < b for a, b in pairwise(places))


def test_the_settings_keep_errors_and_requests_inside() -> None:
    assert CONFIG["client"] == {
        "showErrorDetails": "none",
        "showErrorLinks": False,
        "toolbarMode": "minimal",
        "disableDataExport": True,
    }
    server = CONFIG["server"]
    assert server["address"] == "127.0.0.1"
    assert server["enableXsrfProtection"]
    assert server["enableCORS"]
    assert not server["enableAgentApi"]
    assert server["fileWatcherType"] == "none"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert "http" not in CONFIG["theme"]["font"]


def test_an_empty_figure_has_its_words_and_no_colours_for_text_or_background() -> None:
    figure = theme.base_figure("Those who <b>quit</b> earn less", "Income, USD", "Rows")
    assert figure.layout.title.text == "Those who &lt;b&gt;quit&lt;/b&gt; earn less"
    assert figure.layout.xaxis.title.text == "Income, USD"
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color is None
    assert theme.reference_line(figure, x=0.5, label="0.5") is figure
    assert len(figure.layout.shapes) == 1
