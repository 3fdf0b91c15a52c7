from mlops_lib.evaluate.openings import changed_since, openings_of, record_opening
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
