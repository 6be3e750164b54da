"""A night: the run that begins it, its catch-ups, and the dreams that a reviewer asks for again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dreamflow.errors import StateError

__all__ = ["NightPart", "following_run_id", "members_asked"]

#: Characters of a run id that are kept; Airflow holds 250.
_LIMIT = 200
#: The key of a run's ``conf`` that holds its part of the night.
_KEY = "dreamflow"
#: The key of that which holds what is one member's alone, by the member's id.
_MEMBERS = "members"
#: What a run was triggered with that holds for the whole night. A dry run, or a new dream, is of one run.
_LASTING = ("limit", "model", "instructions")
#: Approval modes, the strictest last.
_MODES = ("never", "when_flagged", "required")


def following_run_id(prefix: str, run_id: str) -> str:
    """Return the id of the run that follows: ``catch_up_1__x`` after ``x``, ``catch_up_2__x`` after that."""
    counted = re.fullmatch(rf"{re.escape(prefix)}_(\d+)__(.+)", run_id)
    number, origin = (int(counted[1]) + 1, counted[2]) if counted else (1, run_id)
    if len(origin) > _LIMIT:
        origin = hashlib.sha256(origin.encode()).hexdigest()[:32]
    return f"{prefix}_{number}__{origin}"


def members_asked(conf: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """Return the ids of the fleet's members that a run follows up; None where it is for all."""
    part = (conf or {}).get(_KEY)
    members = part.get(_MEMBERS) if isinstance(part, Mapping) else None
    return tuple(members) if isinstance(members, Mapping) else None


@dataclass(frozen=True)
class NightPart:
    """
    What a run knows of its night.

    :ivar night: the id of the run that began it. Budget and number of dreams are counted over all its runs.
    :ivar until: sessions that changed later are not this run's; None in a run that began a night.
    :ivar words: what reviewers asked for, beside the standing instructions.
    """

    night: str
    until: datetime | None = None
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, run_id: str, conf: Mapping[str, Any] | None, member_id: str | None = None) -> NightPart:
        """
        Read a run's part from what it was triggered with.

        :param member_id: a fleet's member: what holds for it alone comes before what holds for all.

        :raises StateError: somebody else wrote it there.
        """
        part = (conf or {}).get(_KEY)
        if not isinstance(part, Mapping):
            return cls(run_id)
        try:
            own = dict(part.get(_MEMBERS) or {}).get(member_id) or {}
            until, words = own.get("until", part.get("until")), own.get("words", part.get("words")) or []
            moment = datetime.fromisoformat(until) if until else None
            if not isinstance(words, list) or (moment and moment.tzinfo is None):
                raise ValueError(f"{until!r}, {words!r}")
        except (AttributeError, TypeError, ValueError) as e:
            raise StateError(
                f"the run's conf holds a {_KEY!r} that can't be read ({e}). Only Dreamflow writes it: trigger a run "
                "without it."
            ) from e
        return cls(str(part.get("night") or run_id), moment, tuple(str(said) for said in words))

    def with_words(self, words: str) -> NightPart:
        """Return the part of a run that a reviewer asks for."""
        return replace(self, words=(*self.words, words))

    def conf(self, triggered_with: Mapping[str, Any] | None, mode: str) -> dict[str, Any]:
        """
        Return what the next run of the night is triggered with.

        :param triggered_with: the conf of the run before it.
        :param mode: the pipeline's own approval mode: a run's looser one is its own, a stricter one is the night's.
        """
        before = triggered_with or {}
        conf = {key: before[key] for key in _LASTING if key in before}
        asked = before.get("approval_mode")
        if asked in _MODES and _MODES.index(asked) > _MODES.index(mode):
            conf["approval_mode"] = asked
        return {**conf, _KEY: {"night": self.night, **self.own()}}

    def conf_of_members(
        self, triggered_with: Mapping[str, Any] | None, mode: str, parts: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Return the same for the next run of a fleet, which is for these members, each with its ``own`` part."""
        conf = self.conf(triggered_with, mode)
        conf[_KEY][_MEMBERS] = dict(sorted(parts.items()))
        return conf

    def own(self) -> dict[str, Any]:
        """Return what may be one member's alone."""
        return {"until": self.until.isoformat() if self.until else None, "words": list(self.words)}

    def instructions(self, standing: str | None) -> str | None:
        """Return what the run's dream is asked to do: the standing instructions, then the reviewers' words."""
        return "\n\n".join([*([standing] if standing else []), *self.words]) or None
