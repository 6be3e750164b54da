"""What stops the demo, in one line each."""

from __future__ import annotations

__all__ = ["DemoError"]


class DemoError(Exception):
    """The demo can't go on. The message is one line: what, where, and what to do."""
