"""What requests about dreams may say, and how dreams are shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from include.managed_agents.clock import rfc3339
from include.managed_agents.dreams.models import DreamRow
from include.managed_agents.paging import TimeRange
from include.managed_agents.wire import Limit, QueryModel, RequestModel, Timestamp

__all__ = ["ENDED", "DreamCreate", "DreamList", "render_dream"]

MAX_SESSIONS = 100
ENDED = frozenset({"completed", "failed", "canceled"})

ModelId = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class StoreInput(RequestModel):
    type: Literal["memory_store"]
    memory_store_id: Annotated[str, StringConstraints(min_length=1)]


class SessionsInput(RequestModel):
    type: Literal["sessions"]
    session_ids: Annotated[list[str], Field(min_length=1, max_length=MAX_SESSIONS)]

    @model_validator(mode="after")
    def no_duplicates(self) -> SessionsInput:
        if len(set(self.session_ids)) < len(self.session_ids):
            raise ValueError("session_ids: must not contain duplicates")
        return self


class DreamModel(RequestModel):
    id: ModelId
    speed: Literal["standard"] | None = None


class CreateNew(RequestModel):
    type: Literal["create_new"]


class UpdateExisting(RequestModel):
    type: Literal["update_existing"]
    memory_store_id: str


class DreamCreate(RequestModel):
    inputs: list[Annotated[StoreInput | SessionsInput, Field(discriminator="type")]]
    model: ModelId | DreamModel
    instructions: Annotated[str, StringConstraints(min_length=1, max_length=4096)] | None = None
    output_behavior: Annotated[CreateNew | UpdateExisting, Field(discriminator="type")] = CreateNew(
        type="create_new"
    )

    @model_validator(mode="after")
    def one_store_and_one_list_of_sessions(self) -> DreamCreate:
        if sorted(entry.type for entry in self.inputs) != ["memory_store", "sessions"]:
            raise ValueError("inputs: must be exactly one memory_store entry and exactly one sessions entry")
        behavior = self.output_behavior
        if isinstance(behavior, UpdateExisting) and behavior.memory_store_id != self.memory_store_id:
            raise ValueError("output_behavior.memory_store_id: must be the memory store in inputs")
        return self

    @property
    def memory_store_id(self) -> str:
        return next(entry.memory_store_id for entry in self.inputs if isinstance(entry, StoreInput))

    @property
    def session_ids(self) -> list[str]:
        """In sorted order, as responses list them."""
        return sorted(next(entry.session_ids for entry in self.inputs if isinstance(entry, SessionsInput)))

    @property
    def model_config_shown(self) -> dict[str, Any]:
        return {"id": self.model if isinstance(self.model, str) else self.model.id, "speed": "standard"}


class DreamList(QueryModel):
    created_at_gt: Timestamp | None = Field(None, alias="created_at[gt]")
    created_at_lt: Timestamp | None = Field(None, alias="created_at[lt]")
    include_archived: bool = False
    limit: Limit = 20
    page: str | None = None
    statuses: list[Literal["pending", "running", "completed", "failed", "canceled"]] | None = None

    @property
    def created_at(self) -> TimeRange:
        return TimeRange(gt=self.created_at_gt, lt=self.created_at_lt)


def render_dream(row: DreamRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "type": "dream",
        "status": row.status,
        "inputs": [
            {"type": "memory_store", "memory_store_id": row.input_store_id},
            {"type": "sessions", "session_ids": row.session_ids},
        ],
        "outputs": render_outputs(row),
        "model": row.model,
        "instructions": row.instructions,
        "output_behavior": row.output_behavior,
        "session_id": row.session_id,
        "error": row.error,
        "usage": {
            "input_tokens": row.input_tokens,
            "output_tokens": row.output_tokens,
            "cache_read_input_tokens": row.cache_read_input_tokens,
            "cache_creation_input_tokens": row.cache_creation_input_tokens,
        },
        "created_at": rfc3339(row.created_at),
        "ended_at": rfc3339(row.ended_at),
        "archived_at": rfc3339(row.archived_at),
    }


def render_outputs(row: DreamRow) -> list[dict[str, str]]:
    if row.output_store_id is None:
        return []
    return [{"type": "memory_store", "memory_store_id": row.output_store_id}]
