"""The story of the product as steps that a test can put together: from a table to a scored one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.e2e.driver import Visitor

JOB_SECONDS = 400
LADDER_MODELS = ("Logistic regression", "Random forest", "Extra trees", "Histogram gradient boosting", "LightGBM")


def press(visitor: Visitor, key: str, seconds: float = 30) -> None:
    """Press the button with this widget key, as soon as it is there."""
    button = visitor.page.locator(f".st-key-{key} button")
    button.wait_for(timeout=1000 * seconds)
    visitor.clicks += 1
    button.click()


def upload(visitor: Visitor, file: Path) -> None:
    """Open the first page and give it a table."""
    visitor.open("/")
    visitor.upload(file)
    visitor.wait_for("What do you want to know?")


def take_sample(visitor: Visitor) -> None:
    """Open the first page, take the employee sample and its question."""
    visitor.open("/")
    visitor.click("Try the employee sample")
    visitor.wait_for("What do you want to know?")
    visitor.click("Ask:", exact=False)


def confirm(visitor: Visitor) -> None:
    """Lock the split; Explore follows."""
    visitor.wait_for("What may be wrong with the table?")
    press(visitor, "data_confirm")
    visitor.wait_for("A model that always says")


def explore_and_choose_rules(visitor: Visitor) -> None:
    """From Explore through the feature tests and the resampling lab to Train."""
    press(visitor, "explore_next")
    visitor.wait_for("features go with it beyond chance")
    press(visitor, "feature_tests_use")
    visitor.wait_for("in the sampled rung", JOB_SECONDS)
    press(visitor, "resampling_use")
    visitor.wait_for("fold fits")


def keep_models(visitor: Visitor, *kept: str) -> None:
    """Switch all models off but these."""
    for model in LADDER_MODELS:
        if model not in kept:
            visitor.click(model)


def train(visitor: Visitor) -> None:
    """Train what is switched on and go on to Compare."""
    press(visitor, "train_start")
    press(visitor, "train_compare", JOB_SECONDS)
    visitor.wait_for("All on the same", JOB_SECONDS)


def choose_and_keep_threshold(visitor: Visitor) -> None:
    """Choose the run that Compare proposes and keep the threshold that the policy proposes."""
    press(visitor, "compare_choose")
    visitor.wait_for("What follows, beside the same at 0.5", JOB_SECONDS)
    press(visitor, "threshold_keep")
    visitor.wait_for("Kept: flag from a score of")


def explain(visitor: Visitor) -> None:
    """Look at the explanation of the chosen run."""
    press(visitor, "threshold_to_explain")
    visitor.wait_for("leans most on", JOB_SECONDS)
    visitor.wait_for("Shuffling", JOB_SECONDS)


def register(visitor: Visitor) -> None:
    """Register the chosen run with its threshold and make it the champion."""
    press(visitor, "explain_on")
    press(visitor, "registry_make")
    visitor.wait_for("This run with this threshold is", JOB_SECONDS)
    press(visitor, "registry_set")
    visitor.wait_for("Version 1 of")


def score(visitor: Visitor, file: Path, downloads: Path) -> pd.DataFrame:
    """Score a table with the registered version and return what the visitor downloads."""
    press(visitor, "registry_on")
    visitor.upload(file)
    visitor.wait_for("flagged as", JOB_SECONDS)
    visitor.downloads = downloads
    return pd.read_csv(visitor.download("as CSV", exact=False))
