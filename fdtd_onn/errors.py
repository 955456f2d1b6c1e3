"""The errors a user can cause, each saying what was expected, what came, and what to do."""

from __future__ import annotations


class FdtdOnnError(Exception):
    """Base of every error this package raises on purpose; the command line prints it without a traceback."""


class BadInput(FdtdOnnError):
    """A file, option or value given by the user that cannot be used."""

    def __init__(self, where: str, expected: str, got: object, cure: str) -> None:
        """Compose the message from the place, the expectation, the value that came and the cure."""
        self.where, self.expected, self.got, self.cure = where, expected, got, cure
        super().__init__(f"{where}: expected {expected}, got {got}. {cure}")

    def __reduce__(self) -> tuple[type[BadInput], tuple[str, str, str, str]]:
        """So that it comes back whole from another process."""
        return type(self), (self.where, self.expected, str(self.got), self.cure)


class OutOfRange(FdtdOnnError):
    """A compiled model was asked for a value outside the range it was fitted on."""


class EngineMissing(FdtdOnnError):
    """Full-wave work was asked for, but the Meep simulator is not usable here."""


class RunFailed(FdtdOnnError):
    """A full-wave run ended without a usable result."""


class RunStopped(RunFailed):
    """A full-wave run that a signal has asked to stop."""
