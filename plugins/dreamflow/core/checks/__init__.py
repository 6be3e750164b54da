"""The checks that a review runs on what a dream changed: one module each, and the tuple that names them all."""

from __future__ import annotations

from dreamflow.core.checks.check import Check

__all__ = ["CHECKS"]

#: Every check, in the order of the review.
CHECKS: tuple[type[Check], ...] = ()
