"""Forms whose values outlive a page switch and a reload: the widget state follows a draft."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.shared.session import session


def seed(key: str, value: Any) -> str:
    """Give a widget its first value (unless it has one, or the value is None) and return its key.

    A default in the widget's own call would clash with a value set by a button's callback.
    """
    if value is not None and key not in st.session_state:
        st.session_state[key] = value
    return key


class Draft:
    """The unconfirmed edits of one form: plain JSON values by name, saved whenever one changes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: dict[str, Any] = dict(session().draft(name, {}) or {})

    def get(self, key: str, default: Any = None) -> Any:
        """A value of the form as it was saved."""
        return self.values.get(key, default)

    def keep(self, **values: Any) -> None:
        """Save values; None forgets one."""
        self.values.update(values)
        session().set_draft(self.name, {k: v for k, v in self.values.items() if v is not None} or None)
