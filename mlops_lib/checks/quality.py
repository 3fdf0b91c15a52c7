"""Quality findings of a table under a schema: what was seen, how, why it matters and what can be done.

Statistics are taken on the training rows where a split is given. A finding speaks of all columns it concerns at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Literal

from mlops_lib.checks import (
    constants,
    disguised,
    duplicates,
    identifiers,
    isolated_rows,
    label_errors,
    leaks,
    levels,
    missing,
    outliers,
    patterns,
    repeats,
    row_groups,
    row_order,
    shift,
    texts,
)
from mlops_lib.checks.check import Check, Seen, Silent
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.finding import Finding, Findings, NotFound
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan

CHECKS: tuple[Check, ...] = (
    Check("FUL001", "Rows without an answer", missing.missing_answers),
    Check("FUL002", "Missing numbers", missing.few_numbers),
    Check("FUL003", "Many missing numbers", missing.many_numbers),
    Check("FUL004", "Missing labels", missing.missing_labels),
    Check("FUL005", "Mostly missing", missing.mostly_missing),
    Check("FUL006", "Repeated rows", duplicates.repeated_rows),
    Check("FUL007", "Columns that never change", constants.constants),
    Check("FUL008", "Columns that name a row", identifiers.identifiers),
    Check("FUL009", "Numbers far from the others", outliers.outliers),
    Check("FUL010", "Knows the answer", leaks.near_copies),
    Check("FUL011", "Knows a lot of the answer", leaks.suspects),
    Check("FUL012", "Numbers kept as text", texts.hidden_numbers),
    Check("FUL013", "Missing where the answer is missing", missing.missing_together),
    Check("FUL014", "Missing cells that go with the answer", patterns.missing_by_target),
    Check("FUL015", "Missing in disguise", disguised.disguised_missing),
    Check("FUL016", "Columns that hardly ever change", constants.near_constants),
    Check("FUL017", "Very many labels", levels.many_levels),
    Check("FUL018", "Rare labels", levels.rare_levels),
    Check("FUL019", "One label written in several ways", levels.variants),
    Check("FUL020", "Labels that may be misspelt", levels.near_spellings),
    Check("FUL021", "Numbers or dates among text", texts.mixed_types),
    Check("FUL030", "Equal rows with another answer", repeats.equal_rows),
    Check("FUL031", "Nearly equal rows", repeats.near_rows),
    Check("FUL032", "Training rows again in the hold-out", repeats.across_split),
    Check("FUL033", "Order of the rows", row_order.time_order),
    Check("FUL034", "Rows that belong together", row_groups.groups),
    Check("FUL035", "Answers that may be wrong", label_errors.label_errors, slow=True),
    Check("FUL036", "Rows apart from all others", isolated_rows.isolated_rows, slow=True),
    Check("FUL037", "Hold-out unlike the training rows", shift.shift, slow=True),
)
"""Every check; adding one is adding a line."""

_ORDER = {"serious": 0, "warning": 1, "info": 2}

Part = Literal["all", "quick", "slow"]
"""Which checks are made: all of them, or those that fit no model, or those that do."""


def findings(
    dataset: Dataset,
    schema: Schema,
    plan: SplitPlan | None = None,
    emit: Callable[[object], None] | None = None,
    part: Part = "all",
) -> Findings:
    """All findings (or those of a `part`), the serious ones first, and the checks that found nothing or do not apply.

    `emit` takes a `Progress` before each check. Raises what `resolve_target` raises.
    """
    table = CheckedTable(dataset, schema, plan)
    checks = [check for check in CHECKS if part == "all" or check.slow == (part == "slow")]
    found, silent = [], []
    for k, check in enumerate(checks):
        if emit is not None:
            emit(Progress(k, len(checks), f"Looking for: {check.title.lower()}"))
        told = check.look(table)
        if isinstance(told, Silent):
            silent.append(NotFound(check.code, check.title, told.applies, told.reason))
        else:
            found.append(_finding(check, told))
    return _ordered(found, silent)


def joined(quick: Findings, slow: Findings) -> Findings:
    """The findings of both parts as one."""
    return _ordered([*quick.found, *slow.found], [*quick.silent, *slow.silent])


def _ordered(found: Sequence[Finding], silent: Sequence[NotFound]) -> Findings:
    return Findings(
        tuple(sorted(found, key=lambda f: (_ORDER[f.severity], f.code))), tuple(sorted(silent, key=lambda s: s.code))
    )


def _finding(check: Check, seen: Seen) -> Finding:
    told = {f.name: getattr(seen, f.name) for f in fields(seen)}
    why = f"{check.title.lower()} ({check.code})"
    told["treatments"] = tuple(replace(t, why=t.why or why) for t in seen.treatments)
    return Finding(check.code, check.title, **told)
