"""What a registered model answers for each row. It travels with the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

ANSWER_COLUMNS = ("probability", "decision", "threshold")


def answers(probability: np.ndarray, threshold: float, names: tuple[str, ...]) -> pd.DataFrame:
    """One row a probability of shape (n,): `probability`, `decision` (the label) and `threshold`.

    The decision is `names[1]`, the positive label, where probability >= threshold, else `names[0]`.
    """
    import pandas as pd

    decision = np.where(probability >= threshold, names[1], names[0])
    return pd.DataFrame(
        {
            "probability": probability,
            "decision": pd.Series(decision, dtype=object),
            "threshold": np.full(len(probability), threshold, dtype=np.float64),
        }
    )
