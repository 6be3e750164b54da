"""A fleet's run that waits for an answer: each member's stores on the embedded server, one question in Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi.testclient import TestClient

from dreamflow import storage
from dreamflow.config import load_named
from dreamflow.core.fleet_review import MemberRow
from dreamflow.core.fleets import Member
from dreamflow.records.files import Records, RunRecords
from dreamflow.records.journal import Answer, Journal
from dreamflow.review.watch import WATCH
from dreamflow.steps.fleet_rows import member_row
from dreamflow.steps.review import review
from tests.unit.review.airflow_here import AirflowHere
from tests.unit.running import Night
from tests.unit.service import Service, mounted

__all__ = ["CLEAN", "FLAGGED", "FLEET_ID", "SECRET", "FleetScene"]

FLEET_ID = "dream__shops"
#: Contents of a member's store, before and after, by what the review says of them.
CLEAN = ({"/a.md": "Opens at nine.\n"}, {"/a.md": "Opens at nine.\n", "/b.md": "We open.\n"})
FLAGGED = ({"/a.md": "Opens at nine.\n"}, {"/a.md": "Opens at nine.\nCall flight ZZ4821.\n"})
SECRET = ({"/a.md": "Opens.\n"}, {"/a.md": "Opens.\nThe key is AKIAIOSFODNN7EXAMPLE.\n"})
_OWN = {"X-Dreamflow": "1", "Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"}


@dataclass
class FleetScene:
    """:ivar nights: each member's night, by its deployment's id. :ivar names: what they are called."""

    airflow: AirflowHere
    service: Service
    location: str
    run_id: str
    dag_id: str = FLEET_ID
    nights: dict[str, Night] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def records(self) -> Records:
        return Records(storage, self.location, self.dag_id.removeprefix("dream__"))

    @property
    def run(self) -> RunRecords:
        return self.records.run(self.run_id)

    @property
    def page(self) -> str:
        return f"/dreamflow/review/{self.dag_id}/{self.run_id}"

    @property
    def api(self) -> str:
        return f"/dreamflow/api/reviews/{self.dag_id}/{self.run_id}"

    def member(self, name: str, contents: tuple[Mapping[str, str], Mapping[str, str]]) -> str:
        """Make a member whose dream is reviewed; return its deployment's id."""
        before, after = contents
        input_id, output_id = self.service.store(before), self.service.store(before)
        for path, text in after.items():
            if before.get(path) != text:
                self.service.put(output_id, path, text)
        id_ = self.service.deployment(mounted(input_id))
        night = Night(
            self.service, self.location, input_id, output_id, id_, self.service.agent(), self.run_id
        )
        night.pipeline = load_named(self.records.pipeline).of_member(Member(id=id_, name=name))
        night.world = replace(night.world, pipeline=night.pipeline, records=self.records.member(id_))
        review(night.world, night.run, night.dreamed())
        self.nights[id_], self.names[id_] = night, name
        return id_

    def ask(self, *assignees: str, rows: Mapping[int, list[str]] | None = None) -> None:
        """List the members, as the task does, and let it wait for an answer. ``rows``: ids by shard."""
        shards = rows or {0: list(self.nights)}
        for shard, ids in shards.items():
            self.run.write_rows(shard, [self.row(id_) for id_ in ids])
        self.airflow.ask(self.dag_id, self.run_id, assignees, shards=len(shards))

    def row(self, id_: str) -> MemberRow:
        return member_row(Member(id=id_, name=self.names[id_]), self.nights[id_].run, self.cleared)

    @property
    def cleared(self) -> int:
        return self.airflow.cleared(self.dag_id, self.run_id)

    def journal(self, id_: str) -> Journal:
        return self.nights[id_].run.journal()

    def answered(self, id_: str) -> Answer | None:
        return self.nights[id_].run.own_answer(self.cleared).answer

    def browser(self, user: str | None = "ada") -> TestClient:
        return self.airflow.browser(user)

    def get(self, address: str = "", user: str | None = "ada", **query: Any) -> str:
        response = self.browser(user).get(f"{self.page}{address}", params=query)
        assert response.status_code == 200, response.text
        return response.text

    def state(self, **query: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.browser().get(f"{self.api}/state", params=query).json()
        return found

    def post(
        self,
        route: str,
        id_: str,
        request: Mapping[str, Any],
        user: str | None = "ada",
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        address = f"{self.api}/{route}?member={id_}"
        return self.browser(user).post(address, json=request, headers=_OWN | dict(headers or {}))

    def decide(self, id_: str, decision: str | None, user: str | None = "ada", **more: Any) -> Any:
        """Decide as the member's page does, with every flag ticked."""
        kept = self.nights[id_].run.read_review()
        assert kept is not None
        ticked = [flag.id for flag in kept.flags()]
        return self.post(
            "answer", id_, {"decision": decision, "digest": kept.digest, "ticked": ticked, **more}, user
        )

    def later(self) -> None:
        """Let what was seen a moment ago be looked at again."""
        WATCH.forget()
