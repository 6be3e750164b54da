"""Who a fleet's members are tonight: found anew each night, with one listing of the workspace's deployments."""

from __future__ import annotations

import logging
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import unquote

from dreamflow.core.fleets import Member, Roster, name_for_people
from dreamflow.errors import DreamflowError, StateError, StorageUnavailable
from dreamflow.records.rosters import MembersNote, find_roster, note_members, note_roster, noted_members

if TYPE_CHECKING:
    from dreamflow.config import Pipeline
    from dreamflow.core.objects import Deployment
    from dreamflow.hooks.managed_agents import ManagedAgentsHook
    from dreamflow.records.files import Records, Storage

__all__ = ["left_alone", "left_open", "make_roster", "open_members", "shard_of"]

log = logging.getLogger(__name__)

#: What a deployment's id looks like, for a line of a list that is none.
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
#: Others that a message names; one store may be mounted by all.
_NAMED = 5

Claims = Callable[["Deployment"], bool]


def shard_of(member_id: str, shards: int) -> int:
    """Return which shard works on a member: always the same, whoever else is one."""
    return zlib.crc32(member_id.encode()) % shards


def make_roster(
    hook: ManagedAgentsHook,
    fleet_records: Records,
    pipeline: Pipeline,
    others: Iterable[Pipeline],
    *,
    run_id: str,
    shard: int = 0,
    shards: int = 1,
    named: Sequence[str] = (),
    asked: Collection[str] | None = None,
    cleared: int = 0,
) -> Roster:
    """
    Return whom a shard of a fleet's run works on, as it has noted them: the first time they are found, then noted.

    In another life of the task those are looked at again that were refused, and no others.

    Who came and who went is told against the night before. A run for named members tells neither, and leaves what the
    fleet has noted of its members as it is: the next whole night tells.

    :param others: the other pipelines: their targets and members are not this fleet's.
    :param named: ids or names of the members that a person wants the run for; empty: for all.
    :param asked: ids of those that it follows up for an earlier run; None: it follows up none. Who is no member by now
        is gone.
    :param cleared: the life of the task.
    :raises StateError: nobody is a member, or one that the run names is none. Nothing was noted.
    :raises StorageUnavailable: the list of members could not be read.
    """
    noted = noted_members(fleet_records)
    is_part = bool(named) or asked is not None
    is_noted = is_part or shard != 0 or noted.run == run_id
    roster = find_roster(fleet_records, run_id, shard)
    is_seen = roster is not None and (not roster.refused or roster.cleared == cleared)
    if roster is not None and is_noted and is_seen:
        return roster
    found = _find(hook, fleet_records.storage, pipeline, others)
    if roster is None and not found.names and not found.refused:
        raise StateError(_nobody(pipeline))
    before = noted.before if noted.run == run_id else noted.members
    if roster is None:
        part = (
            found.of(asked)
            if asked is not None
            else found.narrowed([name_for_people(one, pipeline.shown) for one in named])
        )
        known = {id_: before.get(id_, "") for id_ in asked or ()} if is_part else before
        roster = part.roster(known, shard, shards, tells_new=not is_part)
    elif not is_seen:
        roster = found.again(roster)
    if not is_seen:
        roster = roster.model_copy(update={"cleared": cleared})
        note_roster(fleet_records, run_id, shard, roster)
    if not is_noted:
        note_members(fleet_records, MembersNote(run=run_id, members=found.names, before=before))
    return roster


def open_members(fleet_records: Records) -> Iterator[tuple[str, list[str]]]:
    """Yield the ids of all who ever were members and have runs whose stores are unaccounted for, with those runs."""
    for name in fleet_records.storage.list_names(f"{fleet_records.folder}/members"):
        id_ = unquote(name)
        if runs := fleet_records.member(id_).open_runs():
            yield id_, sorted(runs)


def left_open(fleet_records: Records, roster: Roster, shard: int, shards: int) -> dict[str, list[str]]:
    """Return the runs whose stores are unaccounted for, by id of those of the shard that are no members any more."""
    members = noted_members(fleet_records).members
    gone = (id_ for id_ in left_alone(fleet_records, roster, shard, shards) if members and id_ not in members)
    return {
        id_: runs
        for id_ in gone
        if id_ not in roster.refused and (runs := fleet_records.member(id_).open_runs())
    }


def left_alone(fleet_records: Records, roster: Roster, shard: int, shards: int) -> list[str]:
    """Return the ids of those of the shard who have files, and are not worked on by the run."""
    known = map(unquote, fleet_records.storage.list_names(f"{fleet_records.folder}/members"))
    worked_on = {member.id for member in roster.members}
    return sorted(id_ for id_ in known if id_ not in worked_on and shard_of(id_, shards) == shard)


@dataclass(frozen=True)
class _Found:
    """
    What was found of a fleet.

    :ivar names: of the deployments that belong to it, as people are told them, by id.
    :ivar refused: why one can't be worked on, by id; those that a list names, and that are no deployments, among them.
    """

    names: Mapping[str, str]
    refused: Mapping[str, str]

    def narrowed(self, named: Sequence[str]) -> _Found:
        """
        Return what was found of the members that a run is for.

        :raises StateError: one is no member, or several have that name.
        """
        if not named:
            return self
        ids: set[str] = set()
        wrong = []
        for called in named:
            of_name = [id_ for id_, name in self.names.items() if name == called]
            if called in self.names or called in self.refused:
                ids.add(called)
            elif len(of_name) == 1:
                ids.update(of_name)
            elif of_name:
                wrong.append(
                    f"{called} is the name of {len(of_name)} members ({_listed(of_name)}): give the id"
                )
            else:
                wrong.append(f"{called[:80]} is no member tonight: give a deployment's id, or its name")
        if wrong:
            raise StateError(f"the run's Param members: {'; '.join(wrong[:_NAMED])}. Nothing was done.")
        return self.of(ids)

    def of(self, ids: Collection[str]) -> _Found:
        """Return what was found of those ids."""
        return _Found(
            {id_: name for id_, name in self.names.items() if id_ in ids},
            {id_: why for id_, why in self.refused.items() if id_ in ids},
        )

    def roster(self, before: Mapping[str, str], shard: int, shards: int, *, tells_new: bool) -> Roster:
        """
        Return the part that is a shard's own.

        :param before: names of those that were members before: who is not there now is gone.
        """

        def own(ids: Iterable[str]) -> list[str]:
            return sorted(id_ for id_ in ids if shard_of(id_, shards) == shard)

        able = self.names.keys() - self.refused.keys()
        sizes = Counter(shard_of(id_, shards) for id_ in able)
        return Roster(
            members=tuple(Member(id=id_, name=self.names[id_]) for id_ in own(able)),
            new=tuple(own(able - before.keys())) if tells_new else (),
            gone=tuple(
                Member(id=id_, name=before[id_])
                for id_ in own(before.keys() - self.names.keys() - self.refused.keys())
            ),
            refused={id_: self.refused[id_] for id_ in own(self.refused)},
            refused_names={id_: self.names[id_] for id_ in own(self.refused) if id_ in self.names},
            sizes=tuple(sizes[place] for place in range(shards)),
        )

    def again(self, roster: Roster) -> Roster:
        """Return a roster with those of its refused in that are right now, and without those that are no members."""
        still = {id_: self.refused[id_] for id_ in roster.refused if id_ in self.refused}
        right = roster.refused.keys() & self.names.keys() - still.keys()
        members = (*roster.members, *(Member(id=id_, name=self.names[id_]) for id_ in right))
        called = {id_: self.names[id_] for id_ in still if id_ in self.names}
        return roster.model_copy(
            update={
                "members": tuple(sorted(members, key=lambda member: member.id)),
                "refused": still,
                "refused_names": called,
            }
        )


def _find(
    hook: ManagedAgentsHook, storage: Storage, pipeline: Pipeline, others: Iterable[Pipeline]
) -> _Found:
    is_member, missing, refused = _claims_of_fleet(pipeline, storage)
    rivals = _rivals(pipeline, others, storage)
    names: dict[str, str] = {}
    #: By store, who writes it: id, and in words.
    holders: dict[str, dict[str, str]] = defaultdict(dict)
    for deployment in hook.list_deployments():
        owners = [words for words, claims in rivals if claims(deployment)]
        mine = is_member(deployment)
        name = name_for_people(deployment.name, pipeline.shown)
        called = f"deployment {Member(id=deployment.id, name=name).called}"
        stores = deployment.written_stores
        if mine:
            names[deployment.id] = name
            missing.discard(deployment.id)
            if owners:
                refused[deployment.id] = (
                    f"{called} is also {_listed(owners)}: both would dream and be paid for, and one's swap undo the "
                    "other's. Keep it in one of them."
                )
            elif len(stores) != 1:
                refused[deployment.id] = _no_live_store(called, deployment)
        for store_id in stores if mine or owners else ():
            holders[store_id][deployment.id] = f"{called}, {_listed(owners)}" if owners else called
    for store_id, sharing in holders.items():
        for id_ in sharing.keys() & names.keys() - refused.keys() if len(sharing) > 1 else ():
            beside = [words for other, words in sharing.items() if other != id_]
            refused[id_] = (
                f"{sharing[id_]} names memory store {store_id}, and so does {_listed(beside)}: a swap of one would "
                "part them. Give each a store of its own, or keep one of them out of the fleet."
            )
    for id_ in missing:
        refused[id_] = (
            f"the workspace has no deployment {id_} that is not archived: take it out of the list of members, or check "
            "the id and that the API key is of its workspace."
        )
    return _Found(names, refused)


def _claims_of_fleet(pipeline: Pipeline, storage: Storage) -> tuple[Claims, set[str], dict[str, str]]:
    """
    Return what tells a fleet's members; the ids that it names itself; and why other lines of its list are no ids.

    :raises StateError: there is no such list, or it is no text.
    :raises StorageUnavailable: it could not be read.
    """
    fleet = pipeline.fleet
    assert fleet is not None
    if fleet.members is None:
        sought = fleet.deployments
        assert sought is not None
        pairs = (sought.metadata or {}).items()

        def is_sought(deployment: Deployment) -> bool:
            fits = sought.name is None or fnmatchcase(deployment.name, sought.name)
            return fits and pairs <= deployment.metadata.items()

        return is_sought, set(), {}
    ids: set[str] = set()
    refused = {}
    lines = _list_of(fleet.members, pipeline, storage).splitlines()
    for number, line in enumerate(lines, 1):
        said = line.partition("#")[0].strip()
        if _ID.fullmatch(said):
            ids.add(said)
        elif said:
            refused[name_for_people(said[:80], pipeline.shown)] = (
                f"line {number} of the list of members is no deployment's id: one stands on each line."
            )
    return lambda deployment: deployment.id in ids, set(ids), refused


def _list_of(uri: str, pipeline: Pipeline, storage: Storage) -> str:
    where = f"fleet.members of {pipeline.name}: {pipeline.shown(uri)}"
    try:
        return storage.read_text(uri).removeprefix("\ufeff")
    except FileNotFoundError as e:
        raise StateError(f"{where} is not there. Write a deployment's id on each line of it.") from e
    except UnicodeDecodeError as e:
        raise StateError(f"{where} is no text in UTF-8.") from e
    except OSError as e:
        raise StorageUnavailable(f"{where} could not be read: {e.strerror or type(e).__name__}") from e


def _rivals(pipeline: Pipeline, others: Iterable[Pipeline], storage: Storage) -> list[tuple[str, Claims]]:
    """Return which deployments are other pipelines' targets or members: in words, and what tells."""
    rivals: list[tuple[str, Claims]] = []
    for other in others:
        if other.name == pipeline.name:
            continue
        if other.fleet is None:
            ids = {target.deployment_id for target in other.targets if target.type == "deployment"}
            rivals.append((f"a target of pipeline {other.name}", lambda one, ids=ids: one.id in ids))  # type: ignore[misc]
        # A pattern over another connection is one of names in another workspace.
        elif other.fleet.members is not None or other.conn_id == pipeline.conn_id:
            try:
                rivals.append((f"a member of fleet {other.name}", _claims_of_fleet(other, storage)[0]))
            except StorageUnavailable:
                raise  # another try may know; without it, both might dream for one member
            except DreamflowError as e:
                # That fleet stops on its own list: it dreams for nobody tonight.
                log.warning("who is a member of fleet %s too is not known: %s", other.name, e)
    return rivals


def _no_live_store(called: str, deployment: Deployment) -> str:
    stores = deployment.written_stores
    if not stores:
        return f"{called} mounts no memory store read_write. Add one to its resources, or keep it out of the fleet."
    return (
        f"{called} mounts {len(stores)} memory stores read_write ({_listed(stores)}): which is dreamed is not known. "
        "Mount the others read_only, or make it a pipeline of its own, whose target has replaces:."
    )


def _nobody(pipeline: Pipeline) -> str:
    assert pipeline.fleet is not None
    where = "fleet.deployments" if pipeline.fleet.members is None else "fleet.members"
    return (
        f"fleet {pipeline.name} has no member: no deployment is what {where} says. Correct it, or delete the file: "
        "nothing is dreamed."
    )


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return f"{', '.join(words[:_NAMED])}{more}"
