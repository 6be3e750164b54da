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
