"""The few lines of the library that make what a page shows: a noun in, code to copy out."""

from __future__ import annotations

from mlops_lib.objects.decision import Decision
from mlops_lib.objects.run import Run


def explain_code(run: Run, row: int | None = None) -> str:
    """SHAP values of a run, permutation importance beside it, and one row where given."""
    lines = [
        "from mlops_lib.charts.explanation import beeswarm, importance_bars, waterfall",
        "from mlops_lib.explain.permutation import permutation_importance",
        "from mlops_lib.explain.shap_values import explain",
        "from mlops_lib.workspace.folder import open_workspace",
        "",
        "workspace = open_workspace()",
        f"explanation = explain(workspace, {run.fingerprint!r})",
        "explanation.importance",
        "importance_bars(explanation)",
        "beeswarm(explanation)",
        f"permutation_importance(workspace, {run.fingerprint!r}).table",
    ]
    if row is not None:
        lines += [f"one = explain(workspace, {run.fingerprint!r}, row={row})", f"waterfall(one, {row})"]
    return "\n".join(lines)


def register_code(run: Run, decision: Decision, name: str) -> str:
    """A run registered with its decision and model card, and loaded as anybody would."""
    return "\n".join(
        [
            "import mlflow",
            "",
            "from mlops_lib.objects.decision import Decision",
            "from mlops_lib.objects.version import Candidate",
            "from mlops_lib.registry.settings import tracking_uri",
            "from mlops_lib.registry.versions import set_alias",
            "from mlops_lib.report.registration import register_with_card",
            "from mlops_lib.train.runs import load_run",
            "from mlops_lib.workspace.folder import open_workspace",
            "",
            "workspace = open_workspace()",
            f"run = load_run(workspace, {run.fingerprint!r})",
            f"decision = workspace.get(Decision, {decision.fingerprint!r})",
            f"version = register_with_card(workspace, Candidate(run, decision), {name!r}, who='me')",
            "set_alias(workspace, version.name, version.number, 'champion', who='me')",
            "",
            "mlflow.set_tracking_uri(tracking_uri(workspace))  # anywhere else: the address alone is enough",
            "model = mlflow.pyfunc.load_model(f'models:/{version.name}@champion')",
            "model.predict(raw_table)  # probability, decision, threshold",
        ]
    )


def predict_code(name: str, number: int) -> str:
    """A table scored with a registered version."""
    return "\n".join(
        [
            "import pandas as pd",
            "",
            "from mlops_lib.registry.versions import open_version",
            "from mlops_lib.serve.scorer import score_table",
            "from mlops_lib.workspace.folder import open_workspace",
            "",
            "workspace = open_workspace()",
            f"version = open_version(workspace, {name!r}, {number})",
            "scored = score_table(workspace, version, pd.read_csv('new_rows.csv'))",
            "scored.notices",
            "scored.table.to_parquet('scored.parquet')",
        ]
    )
