"""A run with its decision, and the same once stored in the registry."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_lib.objects.decision import Decision
from mlops_lib.objects.run import Run


@dataclass(frozen=True)
class Candidate:
    """What is offered to the registry: a complete run and the decision made on its out-of-fold scores."""

    run: Run
    decision: Decision


@dataclass(frozen=True)
class Version:
    """A registered model version. `digest` is the SHA-256 of its model files, kept outside the artifact."""

    name: str
    number: int
    uri: str
    run: str
    decision: Decision
    digest: str
    aliases: tuple[str, ...] = ()
    created: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    metrics: tuple[tuple[str, float], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    mlflow_run: str = ""
