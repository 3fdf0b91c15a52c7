"""Words of the Data page that are both shown and saved in its draft."""

from __future__ import annotations

from typing import Final

ABOVE: Final = "Is it above a limit?"
CLASS: Final = "Is it one of its values?"
NUMBER: Final = "The number itself"
AS_THEY_ARE: Final = "(all classes as they are)"
AFTER: Final = "Known only after the event."
"""The reason of a column that was left out because its value comes too late."""
