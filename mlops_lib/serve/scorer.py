"""A registered version applied to a table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mlops_lib.objects.scored import answers
from mlops_lib.objects.version import Version
from mlops_lib.registry.packing import read_contract
from mlops_lib.registry.versions import fetch_files
from mlops_lib.serve.conform import Notice, conform
from mlops_lib.train.scores import load_model, score
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True, eq=False)
class Scored:
    """The answers to a table, aligned with its rows. `table` is the table with the answers as its last columns.

    `answers` has the columns `probability`, `decision` and `threshold`.
    """

    model: str
    version: int
    threshold: float
    names: tuple[str, ...]
    table: pd.DataFrame
    answers: pd.DataFrame
    notices: tuple[Notice, ...]

    @property
    def alarms(self) -> int:
        """Rows whose decision is the positive label."""
        return int(np.count_nonzero(self.answers["probability"].to_numpy() >= self.threshold))


def score_table(workspace: Workspace, version: Version, frame: pd.DataFrame) -> Scored:
    """Score a table of raw columns with a registered version; the frame itself stays as it is.

    The files are copied, checked against the digest in the ledger and read with our own list of trusted classes. A
    stored model can still bring a process down, so pages use the job "score", which has a process of its own.

    Raises
    ------
    NotTrustedError : this workspace did not register the version, or its files were changed since.
    InputError : columns are missing.
    """
    with tempfile.TemporaryDirectory(prefix="fulcrum-score-") as name:
        folder = fetch_files(workspace, version, Path(name))
        contract, threshold = read_contract(folder)
        model = load_model(folder / "artifacts" / "model")
    fitting = conform(frame, contract)
    _, probability = score(model, fitting.frame)
    said = answers(probability, threshold, model.names).set_axis(frame.index)
    named = said.rename(columns=dict(zip(said.columns, free_names(frame.columns, said.columns), strict=True)))
    table = pd.concat([frame, named], axis=1)
    return Scored(version.name, version.number, threshold, model.names, table, said, fitting.notices)


def free_names(taken: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """The wanted column names, with " (model)" where the table has a column of that name."""
    used = set(taken)
    return [f"{name} (model)" if name in used else name for name in wanted]
