"""Charters: every state is kept, and the one in force at a time can be asked for."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from mlops_lib.data.charters import history, in_force, keep_charter, list_charters, new_project
from mlops_lib.objects.charter import Charter, Criterion, Hypothesis
from mlops_lib.objects.errors import InputError
from mlops_lib.workspace.folder import Workspace


def test_states_are_kept_in_order(workspace: Workspace) -> None:
    first = Charter(new_project(), "Who leaves?", criterion=Criterion("roc_auc", 0.8))
    keep_charter(workspace, first, "begun")
    between = time.time()
    time.sleep(0.01)
    second = replace(first, miss=5000.0, false_alarm=300.0, currency="EUR")
    keep_charter(workspace, second, "finance named the costs")
    keep_charter(workspace, second, "nothing changed")
    states = history(workspace, first.project)
    assert [s.why for s in states] == ["begun", "finance named the costs"]
    assert [s.charter for s in states] == [first.fingerprint, second.fingerprint]
    assert in_force(workspace, first.project, between) == first
    assert in_force(workspace, first.project, time.time()) == second
    assert in_force(workspace, first.project, states[0].at - 1) is None


def test_projects_newest_first(workspace: Workspace) -> None:
    one, two = Charter(new_project(), "One"), Charter(new_project(), "Two")
    for charter in (one, two, replace(one, question="Why?")):
        keep_charter(workspace, charter)
    assert [c.name for c in list_charters(workspace)] == ["One", "Two"]
    assert list_charters(workspace)[0].question == "Why?"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Charter("p", "  "), "The project has no name."),
        (lambda: Charter("p", "A", miss=-1.0), "A miss costs -1."),
        (lambda: Hypothesis(" "), "The hypothesis has no words."),
        (lambda: Hypothesis("A", min_effect=1.5), "The smallest effect of 'A' is 1.5."),
    ],
)
def test_what_cannot_be(make, message: str) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert caught.value.message == message
