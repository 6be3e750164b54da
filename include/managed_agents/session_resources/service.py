"""What can be done with a session's resources."""

from __future__ import annotations

from typing import Any

from include.managed_agents.clock import rfc3339
from include.managed_agents.database import Unit
from include.managed_agents.errors import InvalidRequest, NotFound
from include.managed_agents.paging import Page, decode_cursor, encode_cursor
from include.managed_agents.session_resources.schemas import ResourceAdd, ResourceList
from include.managed_agents.sessions.models import SessionRow
from include.managed_agents.sessions.mounts import attach
from include.managed_agents.sessions.service import Sessions

__all__ = ["SessionResources"]

Resource = dict[str, Any]


class SessionResources:
    """The resources of one session, in the order in which they were attached."""

    def __init__(self, unit: Unit, session_id: str) -> None:
        self._unit = unit
        self._session: SessionRow = Sessions(unit).retrieve(session_id)[0]

    def page(self, query: ResourceList) -> Page[Resource]:
        start = 0
        if query.page is not None:
            match decode_cursor(query.page):
                case ["resources", int(place)] if place > 0:
                    start = place
                case _:
                    raise InvalidRequest("page: not a cursor of this list; pass next_page unchanged")
        resources = self._session.resources
        end = start + query.limit
        return Page(resources[start:end], encode_cursor(["resources", end]) if end < len(resources) else None)

    def retrieve(self, resource_id: str) -> Resource:
        found = next((one for one in self._session.resources if one.get("id") == resource_id), None)
        if found is None:
            raise NotFound(f"session resource {resource_id!r} not found; memory stores have no resource id")
        return found

    def rotate_token(self, resource_id: str) -> Resource:
        """Take a new token. It is kept nowhere: this server clones no repository."""
        before = self.retrieve(resource_id)
        after = {**before, "updated_at": rfc3339(self._unit.clock.now())}
        self._replace([after if one is before else one for one in self._session.resources])
        return after

    def delete(self, resource_id: str) -> None:
        gone = self.retrieve(resource_id)
        self._replace([one for one in self._session.resources if one is not gone])

    def add(self, request: ResourceAdd) -> Resource:
        """Add a file to a session. :raises NotFound: always, for now: this server keeps no files."""
        Sessions.refuse_ended(self._session)
        (added,) = attach(self._unit, [request])
        self._replace([*self._session.resources, added])
        return added

    def _replace(self, resources: list[Resource]) -> None:
        self._session.resources = resources
        self._session.updated_at = self._unit.clock.now()
