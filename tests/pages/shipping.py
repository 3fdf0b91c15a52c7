"""What the tests of Explain, Registry and Predict share: the trained workspace in the place of the empty one."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from mlops_lib.workspace.folder import Workspace
from tests.trained import Trained, trained

OpenApp = Callable[..., AppTest]
DoJobs = Callable[[], int]


def fill(workspace: Workspace) -> Trained:
    """Put the trained runs into a workspace that is still empty."""
    shutil.rmtree(workspace.root)
    return trained(workspace.root)


def nouns(made: Trained, name: str = "logistic_regression", *, decided: bool = True) -> dict[str, str]:
    """The nouns of a visitor who came as far as choosing this run (and, where `decided`, its threshold)."""
    run = made.runs[name]
    chosen = {
        "dataset": run.dataset,
        "schema": run.schema,
        "split": run.split,
        "experiment": made.experiment.fingerprint,
        "run": run.fingerprint,
    }
    return {**chosen, "decision": made.decision(name).fingerprint} if decided else chosen
