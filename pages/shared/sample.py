"""The samples of the product, one click away from every page that has nothing to show yet."""

from __future__ import annotations

from pages.shared.session import session, workspace


def use_sample(key: str) -> None:
    """Put a sample of `mlops_lib.data.samples` into the workspace (once) and choose it."""
    from mlops_lib.data.samples import load_sample

    session().set(dataset=load_sample(workspace(), key).fingerprint)
