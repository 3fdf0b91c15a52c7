"""A candidate as a folder that MLflow can load anywhere: model, decision, contract, card, code and requirements."""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlops_lib.data.datasets import open_dataset
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.version import Candidate
from mlops_lib.registry.contract import Contract, InputColumn, InputType, input_column
from mlops_lib.registry.settings import load_mlflow
from mlops_lib.train.encode import source_columns
from mlops_lib.train.runs import load_fitted
from mlops_lib.train.scores import FittedModel, save_model
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace

if TYPE_CHECKING:
    from mlflow.models import Model as MlflowModel

TRAVELLING = (
    *("__init__.py", "objects/*.py", "train/__init__.py", "train/anomaly.py", "train/objectives.py"),
    *("train/rule_steps.py", "train/scores.py", "train/steps.py"),
)
"""The modules that a registered model takes along; none imports streamlit, mlflow, shap or imbalanced-learn."""

REQUIRED = ("mlflow", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "skops")
EXAMPLE_ROWS = 5

_NAMED_TYPES: Mapping[InputType, str] = {"text": "string", "yes/no": "boolean"}


@dataclass(frozen=True, eq=False)
class Packed:
    """A model ready to be stored. `example` holds raw training rows; `fitted` asks only for the columns it uses."""

    fitted: FittedModel
    contract: Contract
    example: pd.DataFrame


def pack(workspace: Workspace, candidate: Candidate) -> Packed:
    """Open the candidate's model and say what it expects of a table. Columns that the model does not use are not asked
    for."""
    run = candidate.run
    dataset, schema = open_dataset(workspace, run.dataset), workspace.get(Schema, run.schema)
    whole = load_fitted(workspace, run)
    used = set(source_columns(whole.pipeline.named_steps["encode"]))
    features = tuple(name for name in whole.features if name in used)
    fitted = FittedModel(whole.pipeline, whole.calibrator, features, whole.names)
    training = workspace.get(SplitPlan, run.split).training_rows()
    frame = dataset.frame(features).iloc[training]
    categorical = set(schema.features("categorical"))
    columns = tuple(input_column(name, frame[name], name in categorical) for name in features)
    example = frame.head(EXAMPLE_ROWS).reset_index(drop=True)
    return Packed(fitted, Contract(columns, whole.names, schema.target), example)


@contextmanager
def packed_folder(packed: Packed, candidate: Candidate, card: Mapping[str, str], identity: str) -> Iterator[Path]:
    """The folder in MLflow's layout, for as long as the block runs. `card` is the model card: file name to content."""
    load_mlflow()
    from mlflow import pyfunc

    with tempfile.TemporaryDirectory(prefix="fulcrum-pack-") as name:
        parts, final = Path(name) / "parts", Path(name) / "model"
        artifacts = _write_parts(packed, candidate, card, parts)
        with warnings.catch_warnings():
            # MLflow compares the example's column names with a range, which pandas means to change; nothing of ours.
            warnings.filterwarnings("ignore", message="Operation with range is deprecated", category=DeprecationWarning)
            pyfunc.save_model(
                str(final),
                python_model=str(Path(__file__).with_name("served_model.py")),
                artifacts=artifacts,
                code_paths=[str(_copy_code(parts))],
                signature=signature(packed.contract),
                input_example=packed.example,
                pip_requirements=requirements(packed.fitted),
                mlflow_model=_mlflow_model(identity),
            )
        for cache in final.rglob("__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)
        yield final


def requirements(fitted: FittedModel) -> list[str]:
    """What loading and scoring needs, pinned to what is installed; never inferred."""
    module = type(fitted.pipeline.named_steps["model"]).__module__
    from_lightgbm = module.startswith("lightgbm") or module == "mlops_lib.train.objectives"
    return [f"{name}=={version(name)}" for name in (*REQUIRED, *(("lightgbm",) if from_lightgbm else ()))]


def signature(contract: Contract) -> Any:
    """MLflow's signature. Numbers and dates are of "any" type there, because MLflow refuses whole numbers (int64, what
    pandas reads from a CSV) for a double, and text for a date; the model turns both into numbers itself.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema
    from mlflow.types.schema import AnyType

    inputs = [ColSpec(_NAMED_TYPES.get(c.type, AnyType()), c.name) for c in contract.columns]
    outputs = [ColSpec("double", "probability"), ColSpec("string", "decision"), ColSpec("double", "threshold")]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema(outputs))


def read_contract(folder: Path) -> tuple[Contract, float]:
    """Contract and threshold of a stored model's folder."""
    parts = folder / "artifacts"
    contract: Contract = codec.from_json((parts / "contract.json").read_text(encoding="utf-8"))
    columns = tuple(c for c in contract.columns if isinstance(c, InputColumn))
    threshold = json.loads((parts / "decision.json").read_text(encoding="utf-8"))["threshold"]
    negative, positive = contract.names
    return Contract(columns, (negative, positive), contract.target), float(threshold)


def _write_parts(packed: Packed, candidate: Candidate, card: Mapping[str, str], parts: Path) -> dict[str, str]:
    (parts / "model").mkdir(parents=True)
    save_model(packed.fitted, parts / "model")
    decision = {"threshold": candidate.decision.threshold, "decision": json.loads(codec.to_json(candidate.decision))}
    texts = {
        "decision.json": json.dumps(decision, ensure_ascii=False),
        "contract.json": codec.to_json(packed.contract),
        "recipe.json": codec.to_json(candidate.run.recipe),
        **card,
    }
    for name, text in texts.items():
        (parts / name).write_text(text, encoding="utf-8", errors="surrogatepass")
    return {
        "model": str(parts / "model"),
        **{Path(name).stem: str(parts / name) for name in texts if name not in card},
        **{name.replace(".", "_"): str(parts / name) for name in card},
    }


def _copy_code(parts: Path) -> Path:
    source, copy = Path(__file__).resolve().parents[1], parts / "code" / "mlops_lib"
    for pattern in TRAVELLING:
        for file in sorted(source.glob(pattern)):
            target = copy / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return copy


def _mlflow_model(identity: str) -> MlflowModel:
    from mlflow.models import Model

    return Model(model_uuid=identity, model_id=identity)
