"""Ids of the runs that a run triggers: the same whenever it is asked, and never longer from one to the next."""

from __future__ import annotations

import hashlib
import re

__all__ = ["following_run_id"]

#: Characters of a run id that are kept; Airflow holds 250.
_LIMIT = 200


def following_run_id(prefix: str, run_id: str) -> str:
    """Return the id of the run that follows: ``catch_up_1__x`` after ``x``, ``catch_up_2__x`` after that."""
    counted = re.fullmatch(rf"{re.escape(prefix)}_(\d+)__(.+)", run_id)
    number, origin = (int(counted[1]) + 1, counted[2]) if counted else (1, run_id)
    if len(origin) > _LIMIT:
        origin = hashlib.sha256(origin.encode()).hexdigest()[:32]
    return f"{prefix}_{number}__{origin}"
