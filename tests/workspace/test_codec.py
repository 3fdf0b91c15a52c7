"""What is stored comes back equal; what is not ours is refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_lib.objects.decision import Cost, Decision
from mlops_lib.objects.errors import NotTrustedError
from mlops_lib.objects.recipe import Model, Recipe, Selection, Treatment
from mlops_lib.workspace import codec


def test_nouns_survive_json() -> None:
    recipe = Recipe(
        Model("lightgbm", (("n", 5),)), treatments=(Treatment("나이", "median"),), selection=Selection(keep=("a",))
    )
    decision = Decision("r", Cost(5.0, 1.0, "€"), 0.25, "out-of-fold", 10, stability=(0.1, float("inf")))
    assert codec.from_json(codec.to_json(recipe)) == recipe
    assert codec.from_json(codec.to_json(decision)) == decision


def test_bulk_goes_beside_the_json(tmp_path: Path) -> None:
    value = {
        "frame": pd.DataFrame({"x": [1.5, np.nan], "s": ["a", None]}),
        "numbers": np.arange(6.0).reshape(2, 3),
        "words": np.array(["a", None, 2.5], dtype=object),
        3: (True, None, float("nan")),
    }
    codec.save(value, tmp_path)
    back = codec.load(tmp_path)
    pd.testing.assert_frame_equal(back["frame"], value["frame"])
    np.testing.assert_array_equal(back["numbers"], value["numbers"])
    assert back["words"].tolist() == ["a", None, 2.5]
    assert back[3][:2] == (True, None)
    assert np.isnan(back[3][2])
    with pytest.raises(TypeError, match="folder"):
        codec.to_json(value)


def test_arrays_can_be_opened_where_they_lie(tmp_path: Path) -> None:
    value = {"numbers": np.arange(6, dtype=np.uint8).reshape(2, 3), "none": np.zeros(0), "inner": (np.ones(2),)}
    codec.save(value, tmp_path)
    back = codec.load(tmp_path, mapped=True)
    assert isinstance(back["numbers"].base, np.memmap)
    assert isinstance(back["inner"][0].base, np.memmap)
    np.testing.assert_array_equal(back["numbers"], value["numbers"])
    assert len(back["none"]) == 0
    with pytest.raises(ValueError, match="read-only"):
        back["numbers"][0, 0] = 7


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"$class": "os:system", "fields": {}}, "not one of Fulcrum's"),
        ({"$class": "mlops_lib.workspace.folder:os", "fields": {}}, "not one of Fulcrum's nouns"),
        ({"$array": "../../secret.npy"}, "outside its folder"),
        ({"unknown": 1}, "unknown kind"),
    ],
)
def test_strangers_are_refused(tmp_path: Path, content: object, says: str) -> None:
    (tmp_path / "value.json").write_text(json.dumps(content))
    with pytest.raises(NotTrustedError, match=says):
        codec.load(tmp_path)
