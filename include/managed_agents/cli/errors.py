"""What a command raises when it gives up."""

from __future__ import annotations

__all__ = ["CommandError"]


class CommandError(Exception):
    """The command can't be carried out. The message is the one line that the user sees."""
