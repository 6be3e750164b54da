"""
What runs keep at the report location.

::

    <location>/<pipeline>/
      costs.json          what the newest dreams used and cost: what a dry run estimates from
      scores.json         verdict and score of the newest reviews: the trend
      reads.json          which memories sessions of the last seven days read, as reviews heard
      nights/<run>.json   the dreams of one night, its catch-ups and dreams again included
      members/<id>/       a fleet's: all of this for each member, by its deployment's id
      holder.json         of a fleet's member: the run that works on it
      members.json        a fleet's: who its members were the last night
      turns/<shard>.json a fleet's: when each member last had its turn
      open/<run>.json     there while the run's stores are unaccounted for; settle reads only these
      <run>/
        roster-<shard>.json  a fleet's: who its members are this night
        members-<shard>.json a fleet's: its members as the page lists them; row-….json: one, as the tab noted it since
        journal.json      what the run is about to do, did and decided; of a fleet's run, journal-<shard>.json too:
                          what was answered to that shard's question
        base.json         the input's memories when the dream was launched: the base of every carry
        carried.json      the input's memories as they were last carried: the base of the next carry
        plan.json         the late writes that the adoption carries, with the merged texts until they are written;
                          plan-2.json and on: more of those texts
        retirement.json   the same of a retirement: by it a restore tells what came from the old store
        adopted.json      the output's memories when its swap began: the base of a carry out of it, in a restore
        return.json       the same of a swap that was taken back: what agents had written to the output by then
        since-1.json      what a restore carries of the stores since: one for each, with the texts as for plan.json
        review.json       the review (docs/review.md)
        review.html       the same as a page that needs nothing else
        report.md         the same as the question in Airflow shows it
        fates.json        what became of the lines that went, each
        evidence.json     what the dream's sessions say of what changed; evidence-2.json and on: more of it;
                          evidence-old.json: where the old memory says it
        edit-0001-….json  what a reviewer did to the output before the decision: one for each edit
        choice-0001-….json  what a reviewer chose for a late write that can't be merged: one for each choice
        answer-….json     of a fleet's member: what was answered for it, in the tab or by its run; each time another
        claim-1.json      of a fleet's member: which run retires the old store; where that ended, claim-2.json the next;
                          the newest two are kept

Losing all of it costs the review and stops a retirement; never memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from dreamflow.errors import StateError, StorageUnavailable
from dreamflow.records.answers import ANSWERS, AnswerFiles
from dreamflow.records.carries import CARRY_FILES, CarryFiles
from dreamflow.records.fleets import FLEET_FILES, FleetFiles
from dreamflow.records.folder import Storage, Version
from dreamflow.records.holder import HolderFile
from dreamflow.records.journal import DreamNote, Journal, Refused, RestoreNote, Wait
from dreamflow.records.nights import NightFiles
from dreamflow.records.past import PastFiles
from dreamflow.records.reviews import REVIEW_FILES, ReviewFiles

__all__ = ["Records", "RunRecords", "Storage"]

#: Answers that were not taken, kept for the page to tell.
_REFUSED_KEPT = 50
#: What lies beside the runs' folders.
_OWN_NAMES = (
    "open",
    "nights",
    "members",
    "turns",
    "members.json",
    "holder.json",
    "costs.json",
    "scores.json",
    "reads.json",
)
#: What a run keeps in its folder.
_RUN_FILES = re.compile(
    rf"{CARRY_FILES.pattern}|{REVIEW_FILES.pattern}|{FLEET_FILES.pattern}|{ANSWERS.pattern}|(journal(-\d+)?|base)\.json"
)
_UNSAFE = re.compile(r"\A\.+\Z")
#: For how long, at least, a night is remembered: a question may wait, and what follows is of its night and budget.
_NIGHT_KEPT = timedelta(days=100)

T = TypeVar("T")


def _segment(name: str) -> str:
    """Return the name as one path segment, and none of our own: a run id is a caller's text."""
    quoted = quote(name, safe="+:@=,")
    if name in _OWN_NAMES or _UNSAFE.match(quoted):
        return f"%{ord(name[0]):02X}{quoted[1:]}".replace(".", "%2E")
    return quoted


@dataclass(frozen=True)
class Records(NightFiles, PastFiles, HolderFile):
    """
    The records of one pipeline.

    :param location: the report location, a URI without a slash at its end.
    """

    storage: Storage
    location: str
    pipeline: str

    @property
    def folder(self) -> str:
        return f"{self.location}/{_segment(self.pipeline)}"

    def run(self, run_id: str) -> RunRecords:
        return RunRecords(self, run_id)

    def member(self, member_id: str) -> Records:
        """Return the records of a fleet's member."""
        return Records(self.storage, f"{self.folder}/members", member_id)

    def open_runs(self) -> list[str]:
        """Return the ids of the runs whose stores are unaccounted for."""
        names = self.storage.list_names(f"{self.folder}/open")
        return [unquote(name.removesuffix(".json")) for name in names if name.endswith(".json")]

    def prune(self, before: datetime, is_needed: Callable[[str], bool] = lambda _: False) -> list[str]:
        """
        Delete what finished runs and nights kept that was last written before the moment; return their names.

        :param is_needed: tells of a run that its files are to stay all the same.
        """
        open_names = {_segment(run_id) for run_id in self.open_runs()}
        pruned = []
        for name in self.storage.list_names(self.folder):
            folder = f"{self.folder}/{name}"
            if name in _OWN_NAMES or name in open_names:
                continue
            if (files := self._older_files(folder, before)) and not is_needed(unquote(name)):
                for file in files:
                    self.storage.delete(f"{folder}/{file}")
                self.storage.delete_folder(folder)
                pruned.append(unquote(name))
        for name in self.storage.list_names(f"{self.folder}/nights"):
            moment = self.storage.modified_at(f"{self.folder}/nights/{name}")
            if moment is not None and moment < before - _NIGHT_KEPT:
                self.storage.delete(f"{self.folder}/nights/{name}")
        return pruned

    def _older_files(self, folder: str, before: datetime) -> list[str]:
        """Return what is in the folder, if it is a run's, holds nothing of others, and was all written before."""
        try:
            names = self.storage.list_names(folder)
        except NotADirectoryError:
            return []  # what a writer left that was killed
        # The name of what a killed writer left begins with a dot.
        if any(not _RUN_FILES.fullmatch(name) and not name.startswith(".") for name in names):
            return []
        moments = [self.storage.modified_at(f"{folder}/{name}") for name in names]
        return names if all(moment is not None and moment < before for moment in moments) else []

    def _write_rows(self, uri: str, rows: Any) -> None:
        self.storage.write_text(uri, json.dumps(rows, indent=1))

    def _night(self, night: str) -> str:
        return f"{self.folder}/nights/{_segment(night)}.json"

    def read(self, uri: str, parse: Callable[[Any], T]) -> T | None:
        """
        Return what a file's JSON says, or None where there is no such file.

        :raises StateError: it is cut, or not ours.
        """
        try:
            return parse(json.loads(self.storage.read_text(uri)))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise StateError(
                f"{uri} can't be read: it is cut, or not what a run writes there. Bring it back from a backup of the "
                "report location."
            ) from e
        except OSError as e:
            raise StorageUnavailable(f"{uri} could not be read: {e}") from e


@dataclass(frozen=True)
class RunRecords(CarryFiles, ReviewFiles, FleetFiles, AnswerFiles):
    """
    The journal and the files of one run.

    :ivar shard: of a fleet's own run, whose journal it is: each shard asks a question of its own.
    """

    records: Records
    run_id: str
    shard: int = 0

    @property
    def folder(self) -> str:
        return f"{self.records.folder}/{_segment(self.run_id)}"

    def of_shard(self, shard: int) -> RunRecords:
        """Return the run as a shard of a fleet notes it: two workers must not write one journal."""
        return replace(self, shard=shard)

    @property
    def _journal(self) -> str:
        return f"journal-{self.shard}" if self.shard else "journal"

    @property
    def marker(self) -> str:
        return f"{self.records.folder}/open/{_segment(self.run_id)}.json"

    # The journal

    def journal(self) -> Journal:
        """
        Return what the run has noted; an empty journal where it noted nothing.

        :raises StateError: it can't be read.
        """
        records = self.records
        try:
            noted = self._read(self._journal, Journal.model_validate)
            return noted or records.read(self.marker, self._of_marker) or self._of_marker({})
        except StateError as e:
            raise StateError(
                f"{e} It tells which stores run {self.run_id} left unaccounted for: without a backup, look after them "
                f"by hand, then delete it and {self.marker}."
            ) from e

    def _of_marker(self, facts: dict[str, Any]) -> Journal:
        """Read what a run noted that began before there was a journal."""
        if facts.get("journal"):
            raise StateError(f"{self.folder}/journal.json is gone. Bring it back from a backup.")
        plan = self.records.read(f"{self.folder}/plan.json", dict) if facts else None
        return Journal.from_marker(self.records.pipeline, self.run_id, facts, plan or {})

    def note(self, **changes: Any) -> Journal:
        """Note something in the journal, and return it."""
        journal = self.journal().model_copy(update=changes)
        self._write(self._journal, journal.model_dump(mode="json"))
        return journal

    def note_dream(self, dream_id: str, **changes: Any) -> Journal:
        """Note something of one of the run's dreams; nothing where the run does not know it."""
        journal = self.journal()
        if journal.dream_named(dream_id) is None:
            return journal
        notes = (n.model_copy(update=changes) if n.dream_id == dream_id else n for n in journal.dreams)
        return self.note(dreams=tuple(notes))

    def note_restore(self, **changes: Any) -> RestoreNote:
        """Note something of what the run goes back to, which it has noted before; return the whole of it."""
        note = self.journal().restore
        assert note is not None
        note = note.model_copy(update=changes)
        self.note(restore=note)
        return note

    def note_refused(self, refused: Refused) -> None:
        """Note an answer that was not taken: the page tells of it."""
        kept = (*self.journal().refused, refused)[-_REFUSED_KEPT:]
        self.note(answer=None, refused=kept)

    def open(self, dream: DreamNote) -> None:
        """Note that a dream is about to be created: from now on the run's stores are to be accounted for."""
        self.mark(dreams=(*self.journal().dreams, dream))

    def mark(self, **changes: Any) -> None:
        """Note something, and that the run's stores are to be accounted for from now on."""
        self.note(**changes, closed=None)
        self.records.storage.write_text(self.marker, json.dumps({"journal": 1}))

    def take_back_dream(self) -> None:
        """Forget the newest dream: it was refused, and is not there."""
        if not self.note(dreams=self.journal().dreams[:-1]).dreams:
            self.close("no dream was created")

    def close(self, how: str) -> None:
        """Note that every store of the run is accounted for, and how."""
        if self.journal().closed is None:
            self.note(closed=how)
        self.records.storage.delete(self.marker)

    def began(self, task_id: str, cleared: int, now: datetime) -> datetime:
        """Return when the task's wait began: noted at its first try, and anew where a person cleared it."""
        journal = self.journal()
        noted = journal.waits.get(task_id)
        if noted is not None and noted.cleared == cleared:
            return noted.began_at
        wait = Wait(began_at=now, cleared=cleared)
        self.note(waits={**journal.waits, task_id: wait})
        return now

    # Files

    def _read(self, name: str, parse: Callable[[Any], T]) -> T | None:
        return self.records.read(f"{self.folder}/{name}.json", parse)

    def _write(self, name: str, data: Any) -> None:
        self._write_text(f"{name}.json", _as_json(data))

    def _create(self, name: str, data: Any) -> bool:
        """Write a file that is not there yet; False: it is there, with something else."""
        uri, text = f"{self.folder}/{name}.json", _as_json(data)
        try:
            self.records.storage.create_text(uri, text)
        except OSError:
            # A storage that tries again by itself may find its own file.
            found = self._read_text(f"{name}.json")
            if found is None:
                raise
            return found == text
        return True

    def _read_text(self, name: str) -> str | None:
        try:
            return self.records.storage.read_text(f"{self.folder}/{name}")
        except FileNotFoundError:
            return None

    def _write_text(self, name: str, text: str) -> None:
        self.records.storage.write_text(f"{self.folder}/{name}", text)

    def _version(self, name: str) -> Version | None:
        return self.records.storage.version_of(f"{self.folder}/{name}")

    def _names(self) -> list[str]:
        return self.records.storage.list_names(self.folder)

    def _delete(self, name: str) -> None:
        self.records.storage.delete(f"{self.folder}/{name}")


def _as_json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)
