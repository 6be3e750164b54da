"""The checks that a review runs on what a dream changed: one module each, and the tuple that names them all."""

from __future__ import annotations

from dreamflow.core.checks.check import Check
from dreamflow.core.checks.hidden_text import HiddenText
from dreamflow.core.checks.index import Index
from dreamflow.core.checks.instruction import Instruction
from dreamflow.core.checks.limits import Limits
from dreamflow.core.checks.lost import Lost
from dreamflow.core.checks.personal_data import PersonalData
from dreamflow.core.checks.protected import Protected
from dreamflow.core.checks.recall import Recall
from dreamflow.core.checks.removed import Removed
from dreamflow.core.checks.secret import Secret
from dreamflow.core.checks.shrunk import Shrunk
from dreamflow.core.checks.single_source import SingleSource
from dreamflow.core.checks.still_read import StillRead
from dreamflow.core.checks.unchanged import Unchanged
from dreamflow.core.checks.ungrounded import Ungrounded
from dreamflow.core.checks.unseen import Unseen

__all__ = ["CHECKS"]

#: Every check, in the order of the review: of what is equally grave, what may be wrong comes before what is personal.
CHECKS: tuple[type[Check], ...] = (
    Secret,
    Limits,
    Ungrounded,
    Lost,
    Instruction,
    HiddenText,
    Unseen,
    Removed,
    Shrunk,
    Protected,
    StillRead,
    Recall,
    PersonalData,
    SingleSource,
    Index,
    Unchanged,
)
