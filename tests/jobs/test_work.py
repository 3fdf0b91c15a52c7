from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from mlops_lib.jobs import work
from mlops_lib.jobs.work import WORK
from mlops_lib.objects.recipe import Selection

KINDS = [kind for kind in WORK if not kind.startswith("toy_")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_entry_names_a_function_of_workspace_spec_and_emit(kind):
    function = work.load(WORK[kind].run)
    assert list(inspect.signature(function).parameters) == ["workspace", "spec", "emit"]


def test_importing_the_table_imports_nothing_heavy():
    code = "import sys, mlops_lib.jobs.queue, mlops_lib.jobs.start, mlops_lib.jobs.worker; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "sklearn", "scipy", "shap", "mlflow", "lightgbm", "imblearn", "streamlit"} & set(names)


def test_the_key_covers_what_determines_the_result_and_nothing_else():
    base = work.key("toy_count", {"to": 3, "rule": Selection(max_p=0.05)})
    assert work.key("toy_count", {"rule": Selection(max_p=0.05), "to": 3, "note": "x"}) == base
    others = [
        work.key("toy_count", {"to": 4, "rule": Selection(max_p=0.05)}),
        work.key("toy_count", {"to": 3, "rule": Selection(max_p=0.01)}),
        work.key("toy_refuse", {"to": 3, "rule": Selection(max_p=0.05)}),
    ]
    assert len({base, *others}) == 4


def test_a_new_meaning_or_other_packages_give_another_key(monkeypatch):
    before = work.key("toy_count", {"to": 3})
    monkeypatch.setitem(WORK, "toy_count", work.Work("toy_work:count_", version=2))
    raised = work.key("toy_count", {"to": 3})
    monkeypatch.setattr(work, "computing_packages", lambda: (("numpy", "0"),))
    assert len({before, raised, work.key("toy_count", {"to": 3})}) == 3
