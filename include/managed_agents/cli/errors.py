"""What a command raises when it gives up."""

from __future__ import annotations

__all__ = ["CommandError", "Missing"]


class CommandError(Exception):
    """The command can't be carried out. The message is the one line that the user sees."""


class Missing(CommandError):
    """The server has no such object."""
