"""What a fleet keeps at the report location of who its members are, beside what each member has for itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from dreamflow.core.fleets import Member, Roster
from dreamflow.errors import StateError
from dreamflow.records.journal import RESTORE_KEY

if TYPE_CHECKING:
    from dreamflow.records.files import Records

__all__ = [
    "MembersNote",
    "find_noted_member",
    "find_roster",
    "note_members",
    "note_restored_member",
    "note_roster",
    "noted_members",
    "read_roster",
    "restored_member",
]


class MembersNote(BaseModel):
    """
    Who a fleet's members were when it was last looked: names by deployment's id.

    :ivar run: the run that looked. :ivar before: who they were by the run before: its other shards compare with that.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    run: str = ""
    members: dict[str, str] = {}
    before: dict[str, str] = {}


def read_roster(records: Records, run_id: str, shard: int = 0) -> Roster:
    """
    Return who a shard of a fleet's run works on, as it noted them before anything else.

    :raises StateError: it has not, or the file can't be read.
    """
    roster = find_roster(records, run_id, shard)
    if roster is None:
        raise StateError(
            f"{_roster(records, run_id, shard)} is not there: who the fleet's members are this night is not known. "
            "Clear settle_earlier_runs and what follows, or trigger a new run."
        )
    return roster


def find_roster(records: Records, run_id: str, shard: int = 0) -> Roster | None:
    """
    Return who a shard of a fleet's run works on; None where it has not noted them.

    :raises StateError: the file can't be read.
    """
    return records.read(_roster(records, run_id, shard), Roster.model_validate)


def note_roster(records: Records, run_id: str, shard: int, roster: Roster) -> None:
    records.storage.write_text(_roster(records, run_id, shard), roster.model_dump_json(indent=1))


def noted_members(records: Records) -> MembersNote:
    """Return who a fleet's members were the last night. A file that can't be read tells of none: it is only news."""
    try:
        return records.read(_members(records), MembersNote.model_validate) or MembersNote()
    except StateError:
        return MembersNote()


def note_members(records: Records, note: MembersNote) -> None:
    records.storage.write_text(_members(records), json.dumps(note.model_dump(), ensure_ascii=False, indent=1))


def find_noted_member(records: Records, called: str) -> Member | None:
    """
    Return a fleet's member by its id, also one that is none any more and has records, or by its name.

    :raises StateError: several have that name.
    """
    names = noted_members(records).members
    if called in names:
        return Member(id=called, name=names[called])
    ids = [id_ for id_, name in names.items() if name == called]
    if len(ids) > 1:
        raise StateError(
            f"{len(ids)} members are called {called}: {', '.join(sorted(ids)[:20])}. Give the id."
        )
    if ids:
        return Member(id=ids[0], name=called)
    has_records = bool(called) and records.storage.list_names(records.member(called).folder)
    return Member(id=called) if has_records else None


def restored_member(records: Records, run_id: str) -> Member | None:
    """Return which of a fleet's members a restore's run is for; None where it has not noted that."""
    roster = find_roster(records, f"{RESTORE_KEY}{run_id}")
    return roster.members[0] if roster and roster.members else None


def note_restored_member(records: Records, run_id: str, member: Member) -> None:
    note_roster(records, f"{RESTORE_KEY}{run_id}", 0, Roster(members=(member,)))


def _roster(records: Records, run_id: str, shard: int) -> str:
    return f"{records.run(run_id).folder}/roster-{shard}.json"


def _members(records: Records) -> str:
    return f"{records.folder}/members.json"
