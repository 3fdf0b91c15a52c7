import numpy as np

from mlops_lib.evaluate.openings import changed_since, openings_of, record_opening
from mlops_lib.objects.split import HOLD_OUT, SplitPlan
from mlops_lib.workspace.folder import open_workspace


def test_every_opening_is_counted_and_a_changed_choice_is_seen(tmp_path):
    workspace = open_workspace(tmp_path)
    assert openings_of(workspace, "split") == ()
    assert not changed_since((), "a", "b")
    first = record_opening(workspace, "split", "a", "b")
    record_opening(workspace, "split", "a", "b")
    record_opening(workspace, "another", "c", None)
    found = openings_of(workspace, "split")
    assert found[0] == first
    assert len(found) == 2
    assert not changed_since(found, "a", "b")
    assert not changed_since(found, "a", None)
    assert changed_since(found, "a", "c")
    assert changed_since(found, "c", "b")


def test_an_opening_is_about_the_rows_whatever_the_folds_are(tmp_path):
    workspace = open_workspace(tmp_path)

    def stored(dataset, assignment, **more):
        codes = np.array(assignment, np.int8)
        return workspace.put(SplitPlan(dataset, "s", "stratified", 2, 0.25, 0, codes, **more))

    opened = stored("d", [0, 1, 0, HOLD_OUT])
    other_folds = stored("d", [1, 0, 0, HOLD_OUT])
    repeated = stored("d", [0, 1, 0, HOLD_OUT], repeats=2, again=np.array([[1, 1, 0, HOLD_OUT]], np.int8))
    other_rows, other_table = stored("d", [0, 1, HOLD_OUT, 0]), stored("e", [0, 1, 0, HOLD_OUT])
    record_opening(workspace, opened, "a", None)
    record_opening(workspace, other_folds, "b", "a")
    for split in (opened, other_folds, repeated):
        assert [o.run for o in openings_of(workspace, split)] == ["a", "b"]
    assert changed_since(openings_of(workspace, repeated), "a", None)
    assert openings_of(workspace, other_rows) == openings_of(workspace, other_table) == ()
