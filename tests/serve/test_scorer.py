"""Scoring a table: the same answers as in training, and a word about everything that did not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops_lib.data.datasets import keep_upload, open_dataset, read_and_keep
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotTrustedError
from mlops_lib.objects.version import Candidate, Version
from mlops_lib.registry.contract import Contract, InputColumn
from mlops_lib.registry.register import register
from mlops_lib.serve.conform import conform
from mlops_lib.serve.scorer import score_table
from mlops_lib.serve.scoring import BINS, ScoredFiles, disarm, score_job
from mlops_lib.train.runs import load_fitted
from mlops_lib.train.scores import score
from tests.trained import Trained, csv, people, trained


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(tmp_path_factory.mktemp("serve") / "home")


@pytest.fixture(scope="module")
def version(made: Trained) -> Version:
    candidate = Candidate(made.runs["random_forest"], made.decision("random_forest"))
    return register(made.workspace, candidate, "people", {"model_card.md": "# card"})


def kinds(scored_notices: object) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for notice in scored_notices:  # type: ignore[attr-defined]
        found.setdefault(notice.kind, set()).add(notice.column)
    return found


def test_the_answers_are_those_of_the_run(made: Trained, version: Version) -> None:
    frame = open_dataset(made.workspace, made.experiment.dataset).frame()
    scored = score_table(made.workspace, version, frame)
    _, page = score(load_fitted(made.workspace, made.runs["random_forest"]), frame)
    np.testing.assert_array_equal(scored.answers["probability"], page)
    assert scored.alarms == int((page >= version.decision.threshold).sum())
    assert set(scored.answers["decision"]) == {"Yes", "No"}
    assert list(scored.table.columns) == [*frame.columns, "probability", "decision", "threshold"]
    assert "probability" not in frame.columns, "the table given is left as it was"


def test_missing_columns_are_named_with_what_they_may_be(made: Trained, version: Version) -> None:
    frame = people(5).drop(columns=["age", "city"]).rename(columns={"dept": "Dept ", "income": "Income"})
    with pytest.raises(InputError) as caught:
        score_table(made.workspace, version, frame)
    assert "lacks 4 of the 6 columns" in caught.value.message
    assert "'age'" in caught.value.message
    assert "'Dept ' may be 'dept'" in caught.value.hint


def test_everything_that_does_not_fit_is_counted_and_said(made: Trained, version: Version) -> None:
    frame = people(50, seed=3).astype({"age": object})
    frame["note"] = "x"
    frame.loc[0:1, "age"] = "old"
    frame.loc[2, "city"] = "Atlantis"
    frame.loc[3, "joined"] = "soon"
    scored = score_table(made.workspace, version, frame)
    assert kinds(scored.notices) == {
        "extra": {""}, "target": {"left"}, "not a number": {"age"}, "unseen": {"city"}, "not a date": {"joined"},
        "missing": {"age", "dept"},
    }  # fmt: skip
    by = {(n.kind, n.column): n for n in scored.notices}
    assert by["not a number", "age"].rows == 2
    assert "'old'" in by["not a number", "age"].message
    assert "'Atlantis'" in by["unseen", "city"].message
    assert "id and note" in by["extra", ""].message


def test_what_cannot_be_read_is_treated_as_missing(made: Trained, version: Version) -> None:
    frame = people(20, seed=4).astype({"age": object})
    gap, word = frame.copy(), frame.copy()
    gap.loc[3, "age"] = None
    word.loc[3, "age"] = "unknown"
    first, second = (score_table(made.workspace, version, f).answers for f in (gap, word))
    pd.testing.assert_frame_equal(first, second)


def test_types_of_another_file_format_give_the_same_answers(made: Trained, version: Version) -> None:
    frame = people(80, seed=6)
    same = frame.assign(
        grade=frame["grade"].astype(str), joined=pd.to_datetime(frame["joined"]), income=frame["income"].astype(str)
    )
    first, second = (score_table(made.workspace, version, f).answers for f in (frame, same))
    pd.testing.assert_frame_equal(first, second)


def test_rows_in_another_order_keep_their_own_answers(made: Trained, version: Version) -> None:
    frame = people(60, seed=7)
    shuffled = frame.sample(frac=1.0, random_state=0)
    whole, mixed = (score_table(made.workspace, version, f).answers for f in (frame, shuffled))
    np.testing.assert_allclose(mixed["probability"].loc[frame.index], whole["probability"], rtol=0, atol=1e-12)


def test_a_column_called_probability_is_not_overwritten(made: Trained, version: Version) -> None:
    scored = score_table(made.workspace, version, people(4).assign(probability="mine"))
    assert set(scored.table["probability"]) == {"mine"}
    assert scored.table["probability (model)"].between(0, 1).all()


def upload(made: Trained, frame: pd.DataFrame, name: str = "new.csv") -> Dataset:
    return read_and_keep(made.workspace, keep_upload(made.workspace, csv(frame)), name)


def scored_files(made: Trained, version: Version, dataset: Dataset) -> ScoredFiles:
    spec = {"dataset": dataset.fingerprint, "model": version.name, "version": version.number}
    return score_job(made.workspace, spec, lambda _event: None)


def test_the_job_writes_both_files_with_every_row(made: Trained, version: Version) -> None:
    dataset = upload(made, people(300, seed=9).drop(columns="left"))
    found = scored_files(made, version, dataset)
    stored = pq.read_table(found.parquet(made.workspace)).to_pandas()
    again = pd.read_csv(found.csv(made.workspace), encoding="utf-8-sig")
    expected = score_table(made.workspace, version, dataset.frame()).answers
    np.testing.assert_array_equal(stored["probability"], expected["probability"])
    np.testing.assert_array_equal(again["probability"], expected["probability"])
    assert again["decision"].tolist() == stored["decision"].tolist() == expected["decision"].tolist()
    assert pd.api.types.is_integer_dtype(stored["id"].dtype), "the table's own types are kept"
    assert (found.rows, int(found.bins.sum()), len(found.bins)) == (300, 300, BINS)
    assert found.alarms == (expected["decision"] == "Yes").sum()
    assert list(found.preview.columns[:3]) == ["probability", "decision", "threshold"]


def test_text_that_a_spreadsheet_would_run_is_disarmed_in_the_csv_alone(made: Trained, version: Version) -> None:
    frame = people(30, seed=11).assign(note="=1+1")
    found = scored_files(made, version, upload(made, frame))
    assert set(pd.read_csv(found.csv(made.workspace), encoding="utf-8-sig")["note"]) == {"'=1+1"}
    assert set(pq.read_table(found.parquet(made.workspace))["note"].to_pylist()) == {"=1+1"}


def test_disarming_touches_text_only() -> None:
    table = pa.table({"=x": ["=a", "+b", "-c", "@d", "\te", "f", None, ""], "n": [-1.5, 2, 3, 4, 5, 6, 7, 8]})
    safe = disarm(table)
    assert safe.column_names == ["'=x", "n"]
    assert safe["'=x"].to_pylist() == ["'=a", "'+b", "'-c", "'@d", "'\te", "f", None, ""]
    assert safe["n"].to_pylist() == table["n"].to_pylist()


def test_changed_files_are_not_scored_with(tmp_path: Path) -> None:
    own = trained(tmp_path / "home")
    stored = register(own.workspace, Candidate(own.runs["dummy"], own.decision("dummy")), "people", {})
    (file,) = (own.workspace.root / "mlflow" / "artifacts").rglob("model.skops")
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(NotTrustedError):
        score_table(own.workspace, stored, people(3))


def test_labels_are_compared_as_the_model_sees_them() -> None:
    contract = Contract((InputColumn("code", "number", True, ("1", "2")),), ("No", "Yes"), "y")
    for cells in ([1, 2], [1.0, 2.0], ["1", "2"], [2.0, None]):
        said = {n.kind for n in conform(pd.DataFrame({"code": cells}), contract).notices}
        assert "unseen" not in said, cells
    (notice,) = conform(pd.DataFrame({"code": ["3", "3", "1"]}), contract).notices
    assert notice.rows == 2
