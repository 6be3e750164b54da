"""The task ids of a dream's DAG and a restore's, and that one's id. A contract: other DAGs and people read them."""

from __future__ import annotations

RESTORE_DAG_ID = "restore_memory_store"

SETTLE_EARLIER_RUNS = "settle_earlier_runs"
COLLECT_SESSIONS = "collect_sessions"
LAUNCH_DREAM = "launch_dream"
WAIT_FOR_DREAM = "wait_for_dream"
CLONE_ANCESTOR = "clone_ancestor"
REVIEW_CHANGES = "review_changes"
APPROVE = "approve"
CARRY_LATE_WRITES = "carry_late_writes"
REPOINT = "repoint"
VERIFY_TARGETS = "verify_targets"
DRAIN_SESSIONS = "drain_sessions"
RETIRE_INPUT = "retire_input"
CATCH_UP = "catch_up"
DISCARD_OUTPUT = "discard_output"
DREAM_AGAIN = "dream_again"

#: Whose hand-off each task of a dream's DAG takes.
BEFORE = {
    COLLECT_SESSIONS: SETTLE_EARLIER_RUNS,
    LAUNCH_DREAM: COLLECT_SESSIONS,
    WAIT_FOR_DREAM: LAUNCH_DREAM,
    REVIEW_CHANGES: WAIT_FOR_DREAM,
    APPROVE: REVIEW_CHANGES,
    CARRY_LATE_WRITES: APPROVE,
    REPOINT: CARRY_LATE_WRITES,
    VERIFY_TARGETS: REPOINT,
    DRAIN_SESSIONS: VERIFY_TARGETS,
    RETIRE_INPUT: DRAIN_SESSIONS,
    CATCH_UP: RETIRE_INPUT,
    DISCARD_OUTPUT: APPROVE,
    DREAM_AGAIN: APPROVE,
}
#: The tasks that lead to a dream; those that decide on it and swap it; and all up to the swap.
UP_TO_THE_DREAM = (SETTLE_EARLIER_RUNS, COLLECT_SESSIONS, LAUNCH_DREAM)
FROM_THE_DECISION_ON = (APPROVE, CARRY_LATE_WRITES, REPOINT, VERIFY_TARGETS)
UP_TO_THE_SWAP = (*UP_TO_THE_DREAM, WAIT_FOR_DREAM, REVIEW_CHANGES, *FROM_THE_DECISION_ON)
#: Those after it, with a member that was adopted: the old store is retired.
AFTER_THE_SWAP = (DRAIN_SESSIONS, RETIRE_INPUT, CATCH_UP)
