"""A swap on a stage of its own: its stores, its targets, agents that go on writing, and what must hold in the end."""

from __future__ import annotations

import json
import os
import re
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any, Protocol

from dreamflow.tasks import (
    APPROVE,
    CARRY_LATE_WRITES,
    DRAIN_SESSIONS,
    REPOINT,
    RETIRE_INPUT,
    SETTLE_EARLIER_RUNS,
    VERIFY_TARGETS,
)
from tests.faults.agents import Agents
from tests.support.mortal_process import PATIENCE, Orders, start
from tests.support.night import Night, pipeline_of
from tests.support.restore_night import RestoreNight
from tests.support.run_record import RunRecord
from tests.unit.running import Night as Prepared
from tests.unit.running import night_of
from tests.unit.service import OPEN_WIRES, Service

__all__ = ["ADOPTION", "CONNECTION", "GOING_BACK", "Scene", "SetScene", "set_scene"]

CONNECTION = "AIRFLOW_CONN_ANTHROPIC_DEFAULT"
#: The id of a run that goes back to the store before, and what it is asked for.
GOING_BACK = "going_back"
_BACK = {"pipeline": "support", "memory_store_id": "", "late_writes": "carry", "paths": []}
_STORE = re.compile(r"memstore_\w+")
#: What follows on the answer to adopt.
ADOPTION = (CARRY_LATE_WRITES, REPOINT, VERIFY_TARGETS, DRAIN_SESSIONS, RETIRE_INPUT)

BEFORE = {
    "/edit.md": "old\n",
    "/both.md": "both\n",
    "/drop.md": "drop\n",
    "/late.md": "early\n",
}
REVIEWED = {**BEFORE, "/edit.md": "dreamed\n", "/both.md": "dreamed too\n"}
#: What reached the input while the dream ran, beside what the agents write; the dream changed the last of it too.
LATE: dict[str, str | None] = {
    "/late.md": "later\n",
    "/drop.md": None,
    "/new.md": "new\n",
    "/both.md": "changed\n",
}
#: How the memories of the live store begin in the end.
NOT_ADOPTED = {
    "/edit.md": "old",
    "/late.md": "later",
    "/new.md": "new",
}
ADOPTED = {**NOT_ADOPTED, "/edit.md": "dreamed"}


@dataclass
class Scene:
    """
    A run whose dream is approved, and the nights after it.

    :ivar prepared: its stores, targets and files.
    :ivar folder: where the runs' records are, and what mortal processes leave.
    :ivar said: what each task and night came to, in order.
    :ivar copies: stores that a person copied, by the copy.
    :ivar theirs: stores that a person made live though no run did: they keep what is written there.
    :ivar retired: the store that sessions of before the swap mount.
    """

    prepared: Prepared
    folder: Path
    connection: str
    said: list[str] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)
    theirs: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.service = self.prepared.service
        self.agents = Agents(self.service, changed={self.input_id: "changed"})
        self.data: dict[str, Any] = self.prepared.pipeline.model_dump(mode="json", exclude_unset=True)
        self.retired = self.input_id
        self.answer("Adopt")

    @property
    def input_id(self) -> str:
        return self.prepared.input_id

    @property
    def output_id(self) -> str:
        return self.prepared.output_id

    @cached_property
    def words(self) -> dict[str, str]:
        """Return what an id is called in the table."""
        prepared = self.prepared
        return {
            prepared.input_id: "INPUT",
            prepared.output_id: "OUTPUT",
            f"deployment {prepared.deployment_id}": "FIRST",
            f"agent {prepared.agent_id} (metadata memory_store_id)": "SECOND",
            f"file {self.folder}/desk.json (key memory)": "THIRD",
            "memory store ": "",
            " of run tonight": "",
            "settle_earlier_runs": "settle",
        }

    @cached_property
    def pipelines(self) -> Path:
        """Return the folder with the pipeline's file."""
        file = self.folder / "pipelines" / f"{self.data['name']}.yaml"
        file.parent.mkdir()
        file.write_text(json.dumps({key: value for key, value in self.data.items() if key != "name"}))
        return file.parent

    def end(self) -> None:
        """Leave nothing that the next scene on the server would look at."""
        self.service.client.beta.deployments.archive(self.prepared.deployment_id)
        while OPEN_WIRES:
            OPEN_WIRES.pop().close()

    # What the runs do

    def answer(self, decision: str, run_id: str = "tonight") -> None:
        """Let a person answer."""
        with closing(self.night(run_id)) as night:
            if isinstance(night, RestoreNight):
                night.answer(decision)
            else:
                night.record.leave(APPROVE, "return_value", self.prepared.decide(decision).to_json())

    def record(self, run_id: str = "tonight") -> RunRecord:
        return RunRecord(run_id, self.folder / f"{run_id}.json")

    def night(self, run_id: str = "tonight") -> Night:
        kind, params = (RestoreNight, _BACK) if run_id == GOING_BACK else (Night, {})
        return kind(pipeline_of(self.data), self.record(run_id), dict(params))

    def go_on(self, tasks: Sequence[str], run_id: str = "tonight") -> bool:
        """Run the tasks with their retries, as the DAG does: verify_targets after a failure too."""
        whole = True
        for task_id in tasks:
            if not whole and task_id != VERIFY_TARGETS:
                continue
            self.write()
            if task_id == APPROVE:
                self.answer("Adopt", run_id)
                continue
            with closing(self.night(run_id)) as night:
                if night.run_task(task_id) != "success":
                    self.say(f"{task_id} failed: {night.message}")
                    whole = False
                elif task_id == SETTLE_EARLIER_RUNS:
                    self.say(f"settle: {'; '.join(night.left(task_id)['did']) or 'nothing was left'}")
        return whole

    def settle(self, run_id: str) -> bool:
        """Let the next night begin."""
        return self.go_on((SETTLE_EARLIER_RUNS,), run_id)

    def killed_after(self, number: int, task_id: str, run_id: str = "tonight") -> str | None:
        """
        Run the task in a process that is killed once its n-th write was answered.

        :return: the write, or None where the task came to its end before.
        """
        self.write()
        writes = self.folder / "writes.txt"
        orders = Orders(
            self.data,
            self.connection,
            proxy_url="",
            record=str(self.record(run_id).file),
            steps=os.devnull,
            writes=str(writes),
            die_after=number,
            run_id=run_id,
            tasks=(task_id,),
            restore=_BACK if run_id == GOING_BACK else None,
            pipelines=str(self.pipelines),
        )
        process = start(orders)
        process.join(PATIENCE)
        if process.exitcode == 0:
            return None
        assert process.exitcode == -signal.SIGKILL, process.exitcode
        return writes.read_text().splitlines()[number - 1]

    def say(self, sentence: str) -> None:
        self.said.append(self.told(sentence))

    def told(self, sentence: str) -> str:
        """Return the sentence in the table's words."""
        for known, word in self.words.items():
            sentence = sentence.replace(known, word)
        return _STORE.sub("CLONE", sentence)

    # What the agents do

    @property
    def live_id(self) -> str:
        """Return the store that a new session mounts."""
        stores = self.service.resources(self.prepared.deployment_id)
        return next(str(entry["memory_store_id"]) for entry in stores if entry["access"] == "read_write")

    def write(self) -> None:
        """Let a session of before the swap write to the input, and a new one to what the deployment mounts."""
        self.agents.write(self.retired, change=True)
        if self.live_id != self.retired:
            self.agents.write(self.live_id)

    # What must hold

    def problems(self) -> list[str]:
        """Return what is wrong in the end: nothing."""
        live_id = self.live_id
        with closing(self.night()) as night:
            named = night.operator(CARRY_LATE_WRITES).world.named()
        found = [f"{name} names {id_}" for name, id_ in named.items() if id_ != live_id]
        if not self.agents.write(live_id):
            found.append(f"{live_id} is live, and takes no write")
        found += [*self._wrong_lines(live_id), *self._unaccounted(live_id)]
        return [self.told(problem) for problem in found]

    def _wrong_lines(self, live_id: str) -> list[str]:
        there = self._lines(live_id)
        found = []
        for line, store_id in self.agents.lines.items():
            times = self._lines(store_id)[line] if store_id in self.theirs else there[line]
            if times != 1 and not (times == 0 and self._is_kept_for_a_person(store_id)):
                found.append(f"{line!r} of {store_id} is there {times} times")
        expected = ADOPTED if self.copies.get(live_id, live_id) == self.output_id else NOT_ADOPTED
        contents = self.service.contents(live_id)
        held = {path: contents.get(path, "").splitlines()[:1] for path in expected}
        return found + [
            f"{path} holds {held[path]}" for path, line in expected.items() if held[path] != [line]
        ]

    def _is_kept_for_a_person(self, store_id: str) -> bool:
        """Tell whether the store that a line was written to is open, and each night says so."""
        is_said = any(
            self.told(store_id) in said and "it is left for a person" in said for said in self.said[-1:]
        )
        return is_said and not self.service.is_archived(store_id)

    def _lines(self, store_id: str) -> Counter[str]:
        contents = self.service.contents(store_id)
        return Counter(line for text in contents.values() for line in text.splitlines())

    def _unaccounted(self, live_id: str) -> list[str]:
        records = self.prepared.world.records
        journals = [records.run(run_id).journal().model_dump_json() for run_id in records.open_runs()]
        newer = takewhile(
            lambda store: store.id != self.output_id,
            self.service.client.beta.memory_stores.list(include_archived=True, limit=10),
        )
        made = [store.id for store in newer if "dreamflow_run" in (store.metadata or {})]
        stores = (self.input_id, self.output_id, *made)
        return [
            f"{store_id} is neither live nor archived, and no open run knows it"
            for store_id in stores
            if store_id != live_id
            and not self.service.is_archived(store_id)
            and not any(store_id in journal for journal in journals)
        ]


class SetScene(Protocol):
    def __call__(self, **settings: Any) -> Scene: ...


def set_scene(service: Service, folder: Path, connection: str, **settings: Any) -> Scene:
    """Set a scene in an empty folder. ``settings`` is more of what the pipeline's file says."""
    prepared = night_of(
        service,
        f"file://{folder}/reports",
        BEFORE,
        REVIEWED,
        late=LATE,
        run_id="tonight",
        settings=settings,
    )
    return Scene(prepared, folder, connection)
