"""What a visitor looks at, kept under the fingerprint of that state, so that an address can name it."""

from __future__ import annotations

import json
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from mlops_lib.objects.fingerprint import fingerprint
from mlops_lib.workspace.database import database, views
from mlops_lib.workspace.folder import Workspace


def keep_view(workspace: Workspace, state: dict[str, Any]) -> str:
    """Store a state of plain JSON values and return its id. Storing it twice is harmless; none ever changes."""
    text = json.dumps(state, sort_keys=True, ensure_ascii=False, allow_nan=False)
    identity = fingerprint(text)
    with database(workspace).begin() as connection:
        known = connection.execute(sa.select(views.c.id).where(views.c.id == identity)).first()
        if known is None:
            row = {"id": identity, "state": text, "created": time.time()}
            try:
                with connection.begin_nested():
                    connection.execute(views.insert().values(**row))
            except IntegrityError:
                # Another process stored the same state between the two statements: equal ids mean equal content.
                pass
    return identity


def find_view(workspace: Workspace, identity: str) -> dict[str, Any] | None:
    """The state stored under an id, or None where there is none."""
    with database(workspace).connect() as connection:
        row = connection.execute(sa.select(views.c.state).where(views.c.id == identity)).first()
    return None if row is None else dict(json.loads(row.state))
