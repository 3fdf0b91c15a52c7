"""The kinds of work a job may be, one line each. Importing this module imports none of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.fingerprint import fingerprint

Emit = Callable[[object], None]
"""Takes a frozen dataclass of `mlops_lib`: `objects.progress.Progress` or an event of one's own."""


@dataclass(frozen=True)
class Work:
    """One kind of work.

    `run` names a function `f(workspace, spec, emit) -> result` as "module:function"; the result is stored. `describes`
    are the entries of the spec that do not determine the result (a name, a note). `version` is raised when the
    meaning of the result changes, so that results of the past are not mistaken for it. Work that `conducts` hands its
    computing to further processes and waits for them; it takes no slot of its own. `memory` names the environment
    variable that limits the memory of its process (`jobs.memory.memory_limit` has the default); "": there is no limit.
    """

    run: str
    describes: tuple[str, ...] = ()
    version: int = 1
    conducts: bool = False
    memory: str = ""


WORK: dict[str, Work] = {
    "read": Work("mlops_lib.jobs.reading:read_job", describes=("source",), version=2, memory="FULCRUM_READ_MEMORY"),
    "derive": Work("mlops_lib.data.derive:derive_job"),
    "representative": Work("mlops_lib.data.representative:representative_job"),
    "compare_tables": Work("mlops_lib.data.comparing:compare_job"),
    "query": Work("mlops_lib.jobs.sources:query_job", memory="FULCRUM_READ_MEMORY"),
    "server_file": Work("mlops_lib.jobs.sources:server_file_job", memory="FULCRUM_READ_MEMORY"),
    "sample": Work("mlops_lib.jobs.sources:sample_job", memory="FULCRUM_READ_MEMORY"),
    "findings": Work("mlops_lib.checks.work:findings_job", version=5),
    "feature_tests": Work("mlops_lib.explore.work:feature_tests_job", version=7),
    "survival": Work("mlops_lib.explore.work:survival_job", version=3),
    "feature_card": Work("mlops_lib.explore.work:feature_card_job", version=2),
    "hypotheses": Work("mlops_lib.explore.work:hypotheses_job", version=4),
    "linked": Work("mlops_lib.explore.work:linked_job", version=2),
    "profile": Work("mlops_lib.explore.work:profile_job"),
    "xray": Work("mlops_lib.train.preview:xray_job"),
    "train": Work("mlops_lib.jobs.training:train_job", version=2, conducts=True),
    "record": Work("mlops_lib.jobs.training:record_job"),
    "comparison": Work("mlops_lib.threshold.compared:comparison_work", version=5),
    "draws": Work("mlops_lib.threshold.compared:draws_work"),
    "learning_curve": Work("mlops_lib.jobs.refitting:learning_curve_job", conducts=True),
    "leak_meter": Work("mlops_lib.threshold.leak_meter:leak_job"),
    "slices": Work("mlops_lib.threshold.diagnosed:slices_job"),
    "errors": Work("mlops_lib.threshold.diagnosed:errors_job"),
    "flips": Work("mlops_lib.threshold.diagnosed:flips_job"),
    "processing": Work("mlops_lib.train.processing:processing_job"),
    "hold_out": Work("mlops_lib.threshold.compared:hold_out_work", version=3),
    "threshold": Work("mlops_lib.threshold.of_run:choice_work", version=3),
    "explain": Work("mlops_lib.explain.shap_values:explain_job"),
    "permutation": Work("mlops_lib.explain.permutation:permutation_job"),
    "register": Work("mlops_lib.report.registration:register_job"),
    "score": Work("mlops_lib.serve.scoring:score_job"),
    "latency": Work("mlops_lib.serve.latency:latency_job"),
}


def work_of(kind: str) -> Work:
    """The entry of a kind. Raises InputError where there is none."""
    if kind not in WORK:
        raise InputError(f"There is no work called '{kind}'.", f"Choose one of: {', '.join(sorted(WORK))}.")
    return WORK[kind]


def load(reference: str) -> Callable[..., Any]:
    """The function that "module:function" names."""
    module, _, name = reference.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def key(kind: str, spec: Mapping[str, Any]) -> str:
    """Fingerprint of what determines the result: kind, its version, the spec and the packages that compute."""
    work = work_of(kind)
    determining = {name: value for name, value in spec.items() if name not in work.describes}
    return fingerprint(kind, work.version, determining, computing_packages())


_COMPUTING = ("numpy", "pandas", "pyarrow", "scipy", "scikit-learn", "imbalanced-learn", "lightgbm", "shap")


@lru_cache(maxsize=1)
def computing_packages() -> tuple[tuple[str, str], ...]:
    """Name and version of the packages whose numbers enter results; "" where one is not installed."""
    return tuple((name, _version(name)) for name in _COMPUTING)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
