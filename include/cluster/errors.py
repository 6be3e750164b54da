"""What stops the cluster, in one line each."""

from __future__ import annotations

from include.demo.errors import DemoError

__all__ = ["ClusterError"]


class ClusterError(DemoError):
    """The cluster can't go on. The message is one line: what, where, and what to do."""
