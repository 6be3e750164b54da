"""
Settings of the demo's Airflow.

Every task is a process forked from the scheduler's: what the scheduler has imported, no task has to. The SDK takes over
a second of it, which is most of what a short task needs.
"""

from __future__ import annotations

import sys

if sys.argv[1:2] == ["scheduler"]:
    import anthropic  # noqa: F401
