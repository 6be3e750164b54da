"""
Everything that Dreamflow raises.

::

    DreamflowError
    ├── ConfigError                  a pipeline file says something that can't be
    ├── ServiceError                 a call to the Managed Agents API failed
    │   ├── ServiceUnavailable       passing: no connection, a timeout, a 5xx
    │   │   ├── RateLimited          passing: 429 or 529, with the wait that the service asks for
    │   │   └── DreamUnwatched       a dream in flight can't be read: try again before it spends unseen
    │   └── RequestRejected          will not heal by itself: a 4xx
    │       ├── NotFound             404
    │       ├── Conflict             409
    │       └── AccessDenied         401, 403
    ├── StorageUnavailable           passing: a file could not be read or written just now
    ├── StateError                   what is there is not what the step needs: nothing was changed
    │   ├── TargetsDisagree          the targets name different stores
    │   ├── StalePlan                the output is no longer what was decided on
    │   ├── EditRefused              a reviewer's edit can't be done: the page tells; no task ends with it
    │   │   └── MendConflict         the output's memory is not what its reviewer saw
    │   └── SwapNotBegun             an earlier task failed, and has told people already
    ├── MembersFailed                members of a fleet failed: the others are done
    ├── SkipRun                      there is nothing to do tonight: no failure
    ├── NotYet                       an earlier step, or somebody's write, comes first: try again
    ├── AnswerIncomplete             a reviewer's answer lacks what it needs: the question stands
    └── DreamEnded                   a dream ended other than completed
        ├── DreamFailed
        ├── DreamTimedOut
        └── BudgetExceeded

Each message says what was wrong, where, and what to do about it.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AccessDenied",
    "AnswerIncomplete",
    "BudgetExceeded",
    "ConfigError",
    "Conflict",
    "DreamEnded",
    "DreamFailed",
    "DreamTimedOut",
    "DreamUnwatched",
    "DreamflowError",
    "EditRefused",
    "MembersFailed",
    "MendConflict",
    "NotFound",
    "NotYet",
    "RateLimited",
    "RequestRejected",
    "ServiceError",
    "ServiceUnavailable",
    "SkipRun",
    "StalePlan",
    "StateError",
    "StorageUnavailable",
    "SwapNotBegun",
    "TargetsDisagree",
]


class DreamflowError(Exception):
    """Base of all errors of Dreamflow's own."""


class ConfigError(DreamflowError):
    """A pipeline file is wrong: which file, which key, what it says, what was expected."""


class ServiceError(DreamflowError):
    """
    A call to the Managed Agents API failed.

    :param message: what failed, where, and what to do.
    :param status: the HTTP status, or None where there was no answer.
    :param retry_after: seconds that the service asks to wait, or None.
    """

    def __init__(self, message: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class ServiceUnavailable(ServiceError):
    """No answer, or a 5xx. It may pass: try again. A write may or may not have happened."""


class RateLimited(ServiceUnavailable):
    """The service asks for fewer requests (429), or is overloaded (529). Nothing was done."""


class DreamUnwatched(ServiceUnavailable):
    """A dream in flight can't be read: nobody watches its budget until a try can."""


class RequestRejected(ServiceError):
    """The service understood and refused. The same request will be refused again."""


class NotFound(RequestRejected):
    """The object does not exist, or not in this workspace."""


class Conflict(RequestRejected):
    """The object changed since it was read."""


class AccessDenied(RequestRejected):
    """The API key is wrong, or may not do this."""


class StorageUnavailable(DreamflowError):
    """The storage that holds a file did not answer, or was busy. It may pass: try again. A write may have happened."""


class StateError(DreamflowError):
    """What is there is not what this step needs. Nothing was changed."""


class TargetsDisagree(StateError):
    """The targets name different stores, and lineage does not say why."""


class StalePlan(StateError):
    """The output store is no longer what the reviewer saw."""


class EditRefused(StateError):
    """What a reviewer asked for can't be done. The page tells why; no task ends with it."""


class MendConflict(EditRefused):
    """
    The output's memory is not what the reviewer saw when asking for an edit.

    :ivar held_text: what it holds now: hostile, and with its secrets. None: it is not there.
    :ivar held_sha256: the checksum of that.
    """

    def __init__(self, message: str, held_text: str | None, held_sha256: str | None) -> None:
        super().__init__(message)
        self.held_text = held_text
        self.held_sha256 = held_sha256


class SwapNotBegun(StateError):
    """An earlier task failed before any target was touched. People were told when it did."""


class MembersFailed(DreamflowError):
    """Members of a fleet failed, each for a cause of its own. The others are done."""


class SkipRun(DreamflowError):
    """There is nothing to do tonight. The run is skipped, which is no failure."""


class NotYet(DreamflowError):
    """Something else comes first: an earlier step that is still under way, or a write that came in just now."""


class AnswerIncomplete(DreamflowError):
    """A reviewer's answer lacks what it needs. The question stands: it fails no task."""


class DreamEnded(DreamflowError):
    """
    A dream ended other than completed.

    :ivar usage: what one used that was canceled here, as JSON; None where that is not what happened.
    """

    usage: dict[str, Any] | None = None


class DreamFailed(DreamEnded):
    """
    The service failed the dream.

    :param error_type: the service's code for why, such as ``timeout``.
    :param passing: whether the cause may pass by itself.
    """

    def __init__(self, message: str, *, error_type: str = "", passing: bool = False) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.passing = passing


class DreamTimedOut(DreamEnded):
    """The dream did not end within the pipeline's ``dream.timeout``, and was canceled."""


class BudgetExceeded(DreamEnded):
    """The dream used more than the pipeline's ``dream.budget``, and was canceled."""
