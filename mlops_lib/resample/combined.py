"""Samplers that make rows and then clean. Adding one is adding a line to `COMBINED`."""

from __future__ import annotations

from mlops_lib.resample.clean import EDITING, KIND_SEL, enn_step, tomek_effort, tomek_step
from mlops_lib.resample.over import smote_step
from mlops_lib.resample.spec import K_NEIGHBORS, RATIO, Effort, Method, SamplerSpec, Size, Work


def _enn_all(work: Work) -> Method:
    return enn_step(work, "all")


def _tomek_all(work: Work) -> Method:
    return tomek_step(work, "all")


def _then_edited(size: Size) -> Effort:
    after = size.after
    return Effort((*size.within, (after.rows, after.rows)), made=size.made)


def _then_linked(size: Size) -> Effort:
    # Made rows lie among rows of their own class, so that few of another class are hit.
    return Effort((*size.within, *tomek_effort(size.after, hit=0.05).searches), made=size.made)


COMBINED = (
    SamplerSpec(
        "smoteenn",
        "SMOTEENN",
        "combined",
        "SMOTE, then every row with a neighbour of another class is removed, in both classes.",
        (smote_step, _enn_all),
        (RATIO, K_NEIGHBORS, EDITING, KIND_SEL),
        interpolates=True,
        compares="all with all",
        least=2,
        effort=_then_edited,
    ),
    SamplerSpec(
        "smotetomek",
        "SMOTETomek",
        "combined",
        "SMOTE, then both rows of every Tomek link are removed.",
        (smote_step, _tomek_all),
        (RATIO, K_NEIGHBORS),
        interpolates=True,
        compares="rare with all, after SMOTE",
        least=2,
        effort=_then_linked,
    ),
)
