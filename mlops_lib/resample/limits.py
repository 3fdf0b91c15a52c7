"""What samplers take on the machine they were measured on, and which are refused for it."""

from __future__ import annotations

from mlops_lib.objects.words import duration
from mlops_lib.objects.words import size as octets
from mlops_lib.resample.spec import Effort, SamplerSpec, Size

LIMIT_SECONDS = 180.0
"""A sampler whose nominal time on one fold is longer is refused."""
LIMIT_MEMORY = 4_000_000_000
"""A sampler that would hold more octets beside the rows given is refused."""


def nominal_seconds(effort: Effort, columns: int) -> float:
    """Seconds on the machine the constants were measured on."""
    pairs = sum(asked * through for asked, through in effort.searches)
    return 1e-10 * (columns + 20) * pairs


def memory(effort: Effort, size: Size) -> int:
    """Octets held at most beside the rows given."""
    return 8 * size.columns * (2 * size.rows + effort.made + effort.mixed) + effort.held


def too_long(spec: SamplerSpec, size: Size) -> str | None:
    """Why a sampler is refused on a table of this size, and what works; None where it is not.

    Decided by nominal seconds, not by the speed of this machine: a recipe is refused everywhere or nowhere.
    """
    if not spec.compares:
        return None
    effort = spec.effort(size)
    seconds, held = nominal_seconds(effort, size.columns), memory(effort, size)
    if seconds <= LIMIT_SECONDS and held <= LIMIT_MEMORY:
        return None
    return f"{spec.label} compares {spec.compares}; it would take about {duration(seconds)}, {octets(held)}."
