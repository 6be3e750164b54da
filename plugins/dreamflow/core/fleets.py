"""
Fleets: one pipeline for many stores. A task works through the members, and notes what became of each.

A pipeline without ``fleet:`` goes through the same steps, once: what its tasks leave is in XCom.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from dreamflow.core.visible import in_a_line

__all__ = ["Member", "Outcome", "Roster", "Tally", "has_ended", "name_for_people"]

#: Members that a task names in what it leaves for people; all of them stand in their journals.
_NAMED = 20


#: States of a task that does nothing any more, unless a person clears it.
_ENDED = {"success", "failed", "skipped", "upstream_failed", "removed"}


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


def name_for_people(name: str, shown: Callable[[str], str] = str) -> str:
    """
    Return a deployment's name as people are told it, in one line: whoever may edit the deployment wrote it.

    :param shown: tells a text without what variables brought into the pipeline's file: a pattern of names may begin
        with that.
    """
    return _without_secrets(shown(name))


@lru_cache(maxsize=4096)
def _without_secrets(name: str) -> str:
    from dreamflow.core.secrets.masking import mask  # noqa: PLC0415 - its rules take long to load, and configuration needs none

    return in_a_line(mask(name))


class Member(_Value):
    """
    One member of a fleet: a deployment.

    :ivar id: the deployment's. :ivar name: the deployment's, as people are told it.
    """

    id: str
    name: str = ""

    @property
    def called(self) -> str:
        """Return the member as messages and logs call it: in one line in which every character shows, and no secret."""
        return f"{name_for_people(self.name)} ({in_a_line(self.id)})" if self.name else in_a_line(self.id)


class Roster(_Value):
    """
    Who a fleet's members are tonight, as one shard of it found them, and noted them before anything else.

    :ivar members: those that the shard works on, in the order of their ids.
    :ivar new: ids of those that were no members the night before. :ivar gone: those that were, and are none now.
    :ivar sizes: how many members each shard has.
    :ivar refused: by id, why a member can't be worked on: it is another pipeline's target too, or shares its store.
    :ivar refused_names: of those that have one.
    :ivar cleared: in which life of its task those were last looked at: a person's clear begins another.
    """

    members: tuple[Member, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[Member, ...] = ()
    sizes: tuple[int, ...] = ()
    refused: dict[str, str] = {}
    refused_names: dict[str, str] = {}
    cleared: int = 0

    @property
    def everyone(self) -> tuple[Member, ...]:
        """Return the members, and those that can't be worked on."""
        refused = (Member(id=id_, name=self.refused_names.get(id_, "")) for id_ in self.refused)
        return (*self.members, *refused)


class Outcome(_Value):
    """
    What became of one member in one task.

    :ivar cleared: in which life of the task (a person's clear begins another). :ivar left: what it hands on.
    :ivar why: why it was skipped, or failed.
    """

    state: Literal["done", "skipped", "failed"]
    cleared: int = 0
    left: Any = None
    why: str = ""


class Tally(_Value):
    """
    What a fleet's task leaves in XCom: counts, and where the rest is told. It does not grow with the members.

    :ivar failed: why, by the members' names: the first twenty.
    """

    members: int
    done: int = 0
    skipped: int = 0
    failed: int = 0
    why: dict[str, str] = {}
    folder: str = ""

    @classmethod
    def of(cls, outcomes: Mapping[str, Outcome], called: Mapping[str, str], folder: str) -> Tally:
        """Count the outcomes by member's id. ``called`` has the members' names."""
        counts = Counter(outcome.state for outcome in outcomes.values())
        failed = {called[id_]: one.why for id_, one in outcomes.items() if one.state == "failed"}
        named = dict(sorted(failed.items())[:_NAMED])
        return cls(
            members=len(outcomes),
            done=counts["done"],
            skipped=counts["skipped"],
            failed=counts["failed"],
            why=named,
            folder=folder,
        )


def has_ended(states: Mapping[str, str | None], shard: int) -> bool:
    """
    Tell whether a shard of a run has ended, though others may be under way.

    :param states: of the run's tasks as Airflow tells them, a mapped one's as ``<task>_<index>``. One that is not
        mapped yet may become any shard's.
    """
    own = [state for name, state in states.items() if name.endswith(f"_{shard}")]
    others = [state for name, state in states.items() if not name.rpartition("_")[2].isdigit()]
    return bool(own) and _ENDED.issuperset([*own, *others])
