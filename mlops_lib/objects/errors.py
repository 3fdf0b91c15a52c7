"""One hierarchy of errors. Each says what was wrong, what was got and, as a hint, what to do."""

from __future__ import annotations


class FulcrumError(Exception):
    """An error a user can act on.

    Parameters
    ----------
    message : what was wrong and what was got, as one or two plain sentences.
    hint : what to do about it, as one plain sentence; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(FulcrumError):
    """What the user gave (a file, a name, a number) cannot be used as it is."""


class NotPossibleError(FulcrumError):
    """The method cannot work on these data (too few positives, one class, a column of the wrong kind)."""


class TooLargeError(FulcrumError):
    """The data exceed a stated limit; the message names the limit."""


class NotFoundError(FulcrumError):
    """A noun, version or file that should be in the workspace is not there."""


class UsedError(FulcrumError):
    """Something should be removed that something else still needs; the message names what."""


class NotTrustedError(FulcrumError):
    """A file that this workspace did not write, or that was changed since."""


class CancelledError(FulcrumError):
    """The user cancelled the work."""
