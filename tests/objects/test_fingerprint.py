"""A fingerprint changes with what determines a thing, and with nothing else."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pytest

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.fingerprint import fingerprint, later, table_fingerprint
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.objects.schema import Classes, Column, Schema


def test_fields_that_came_later_leave_old_fingerprints_as_they_were() -> None:
    @dataclass(frozen=True)
    class Thing:
        a: int
        b: tuple[str, ...] = later(())

    @dataclass(frozen=True)
    class Old:
        a: int

    Old.__qualname__ = Thing.__qualname__
    assert fingerprint(Thing(1)) == fingerprint(Old(1))
    assert fingerprint(Thing(1, ("x",))) != fingerprint(Old(1))


def employees() -> pa.Table:
    return pa.table({"age": [31.0, None, 58.0], "left": ["Yes", "No", None], "이름": ["가", "나", "다"]})


@pytest.mark.parametrize(
    "changed",
    [
        employees().set_column(0, "age", pa.array([31.0, None, 58.5])),
        employees().set_column(0, "age", pa.array([31.0, 0.0, 58.0])),
        employees().set_column(1, "left", pa.array(["Yes", "No", ""])),
        employees().set_column(1, "left", pa.array(["YesN", "o", None])),
        employees().set_column(0, "age", pa.array([31, None, 58])),
        employees().rename_columns(["Age", "left", "이름"]),
        employees().select(["left", "age", "이름"]),
        employees().take([1, 0, 2]),
        employees().slice(0, 2),
    ],
    ids=["cell", "missing", "missing text", "shifted text", "type", "name", "column order", "row order", "rows"],
)
def test_whatever_a_reader_could_see_changes_the_table_fingerprint(changed: pa.Table) -> None:
    assert table_fingerprint(changed) != table_fingerprint(employees())


def test_storage_details_do_not_change_the_table_fingerprint() -> None:
    table = employees()
    chunked = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    coded = table.set_column(1, "left", table["left"].combine_chunks().dictionary_encode())
    under_null = pa.Array.from_buffers(
        pa.float64(), 3, [pa.py_buffer(b"\x05"), pa.py_buffer(np.array([31.0, 99.0, 58.0]).tobytes())]
    )
    expected = table_fingerprint(table)
    assert table_fingerprint(chunked) == expected
    assert table_fingerprint(coded) == expected
    assert table_fingerprint(table.set_column(0, "age", under_null)) == expected


def test_long_tables_are_hashed_the_same_whatever_their_chunks() -> None:
    values = pa.table({"x": np.arange(200_000.0), "s": [f"v{i % 977}" for i in range(200_000)]})
    odd = pa.concat_tables([values.slice(0, 70_001), values.slice(70_001, 9), values.slice(70_010)])
    assert table_fingerprint(odd) == table_fingerprint(values)


def test_a_renamed_dataset_is_the_same_dataset() -> None:
    first = Dataset("abc", "HR", "hr.csv", 3, ("a",), "/somewhere", "2026-01-01")
    assert fingerprint(first) == fingerprint(replace(first, name="People", path="/elsewhere", created="later"))
    assert fingerprint(first) != fingerprint(replace(first, fingerprint="abd"))


def test_another_sampler_with_the_same_settings_is_another_recipe() -> None:
    smote = Recipe(Model("lightgbm"), sampler=Sampler("smote", (("k_neighbors", 5),)))
    adasyn = Recipe(Model("lightgbm"), sampler=Sampler("adasyn", (("k_neighbors", 5),)))
    assert smote.fingerprint != adasyn.fingerprint


def test_nested_classes_with_equal_fields_differ() -> None:
    from mlops_lib.objects.decision import AtLeast, Best, Fixed
    from mlops_lib.objects.schema import Above

    assert fingerprint(Fixed(0.5)) != fingerprint(Above(0.5))
    assert fingerprint(Best("f1")) != fingerprint(AtLeast("f1", 0.5))


def test_a_cost_in_another_currency_is_another_decision() -> None:
    from mlops_lib.objects.decision import Cost, Decision

    euro, dollar = (Decision("r", Cost(5.0, 1.0, unit), 0.4, "out-of-fold", 10) for unit in ("EUR", "USD"))
    assert euro.fingerprint != dollar.fingerprint


def test_labels_for_people_determine_nothing() -> None:
    base = Recipe(Model("lightgbm"), rung="base")
    assert base.fingerprint == replace(base, rung="my favourite").fingerprint
    schema = Schema(
        "d", (Column("y", "categorical", "target", "because"), Column("x", "numeric", "feature")), Classes("Yes")
    )
    reworded = replace(schema, columns=(replace(schema.columns[0], reason="why not"), schema.columns[1]))
    assert schema.fingerprint == reworded.fingerprint
    experiment = Experiment("d", "s", "p", (base,), base.fingerprint)
    assert experiment.fingerprint == replace(experiment, name="monday").fingerprint
    assert experiment.fingerprint != replace(experiment, seed=1).fingerprint


def test_numbers_are_exact() -> None:
    assert fingerprint(0.1 + 0.2) != fingerprint(0.3)
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint(1) != fingerprint("1")


def test_what_cannot_be_described_is_refused() -> None:
    with pytest.raises(TypeError, match="has no fingerprint"):
        fingerprint(object())
