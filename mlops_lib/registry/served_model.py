"""The registered model: raw columns in; probability, decision and threshold out.

MLflow stores this file and runs it when the model is loaded, with the modules of `registry.packing.TRAVELLING` beside
it. Nothing of ours imports it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from mlops_lib.objects.scored import answers
from mlops_lib.train.scores import load_model, score


class ServedModel(PythonModel):  # type: ignore[misc]
    """The fitted pipeline, its calibrator and the threshold of the decision."""

    def load_context(self, context: Any) -> None:
        self.model = load_model(Path(context.artifacts["model"]))
        self.threshold = float(json.loads(Path(context.artifacts["decision"]).read_text(encoding="utf-8"))["threshold"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        del context, params
        _, probability = score(self.model, model_input)
        return answers(probability, self.threshold, self.model.names)


set_model(ServedModel())
