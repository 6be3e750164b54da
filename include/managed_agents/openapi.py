"""
Describe the server as OpenAPI, from what it is made of: its routes, the models that read their bodies and queries,
and what the SDK's methods return for what they answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal, get_type_hints

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter

from include.managed_agents.access import BETAS, OPEN_PATHS
from include.managed_agents.reading import reads_of

__all__ = ["describe_api"]

REFERENCE = "#/components/schemas/{model}"
PATH_PARAMETER = re.compile(r"{(\w+)}")
TEXT = {"type": "string"}
VERBS_OF_ITEMS = {"GET": "retrieve", "POST": "update", "DELETE": "delete"}
#: What the SDK calls a POST to a collection, where that isn't ``create``.
VERBS_OF_ADDING = {"events": "send", "resources": "add"}


def object_with(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


ERROR = object_with(
    type={"const": "error"},
    error=object_with(type=TEXT, message=TEXT),
    request_id={"type": ["string", "null"]},
)
IMPORTED = object_with(transcript_id=TEXT, session_id=TEXT, created={"type": "boolean"})
#: What is answered where the SDK has no such call, by path: a schema, or the method that answers the same.
OWN_ANSWERS: dict[str, str | dict[str, Any]] = {
    "/health": object_with(status={"const": "ok"}),
    "/_control/sessions/import": object_with(data={"type": "array", "items": IMPORTED}),
    "/_control/sessions/{session_id}/status": "sessions.retrieve",
    "/_control/dreams/fail_next": object_with(ordered=TEXT),
    "/_control/deployments/{deployment_id}/fire": "deployments.run",
}


def describe_api(app: FastAPI) -> dict[str, Any]:
    """Return the document. It takes a second or two, for the SDK is imported."""
    operations = [
        Operation(route, method)
        for route in app.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods
    ]
    schemas = Schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = operation.describe(schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": app.title, "version": app.version},
        "paths": paths,
        "components": {
            "schemas": {**schemas.definitions, "Error": ERROR},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
        },
        "security": [{"key": []}],
    }


class Schemas:
    """
    The JSON schemas of all bodies and answers, made at once, so that what they share is defined once.

    An answer is named by the SDK's method that returns it; of a list's pages, the items are described.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        from anthropic import Anthropic  # noqa: PLC0415 - takes a second: not when the server starts

        wanted: dict[Any, Any] = {}
        with Anthropic(api_key="none") as client:
            for operation in operations:
                wanted |= {model: model for model in operation.models("body")}
                name = operation.answer
                if isinstance(name, str) and not name.endswith(".stream"):
                    returned = get_type_hints(attrgetter(name)(client.beta))["return"]
                    fields = getattr(returned, "model_fields", {})
                    wanted[name] = fields["data"].annotation if "next_page" in fields else returned
        mode: Literal["validation"] = "validation"
        inputs = [(key, mode, TypeAdapter(kind)) for key, kind in wanted.items()]
        self._schemas, shared = TypeAdapter.json_schemas(inputs, ref_template=REFERENCE)
        self.definitions: dict[str, Any] = shared.get("$defs", {})

    def of(self, key: Any) -> dict[str, Any]:
        return self._schemas[key, "validation"]


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a query parameter: one that isn't there is not null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else schema


@dataclass(frozen=True)
class Operation:
    """One method of one route."""

    route: APIRoute
    method: str

    @property
    def path(self) -> str:
        return self.route.path

    def models(self, part: Literal["body", "query"]) -> list[type[BaseModel]]:
        return [read.model for read in reads_of(self.route) if read.part == part]

    @property
    def answer(self) -> str | dict[str, Any]:
        """A schema, or the SDK's method that tells what is answered, such as ``agents.versions.list``."""
        if self.path in OWN_ANSWERS:
            return OWN_ANSWERS[self.path]
        *parents, last = self.path.removeprefix("/v1/").split("/")
        names = [segment for segment in parents if "{" not in segment]
        if "{" in last:
            return ".".join([*names, VERBS_OF_ITEMS[self.method]])
        if not last.endswith("s"):  # a verb: collections are plural
            return ".".join([*names, last])
        verb = "list" if self.method == "GET" else VERBS_OF_ADDING.get(last, "create")
        return ".".join([*names, last, verb])

    def describe(self, schemas: Schemas) -> dict[str, Any]:
        described: dict[str, Any] = {
            "operationId": self.route.unique_id,
            "summary": self.route.summary or self.route.name.replace("_", " "),
            "parameters": [*self.path_parameters(), *self.headers(), *self.query()],
            "responses": {
                "200": {"description": "Done", "content": self.content(schemas)},
                "4XX": {
                    "description": "What was wrong, and where",
                    "content": {"application/json": {"schema": {"$ref": REFERENCE.format(model="Error")}}},
                },
            },
        }
        for model in self.models("body"):
            described["requestBody"] = {
                "required": any(field.is_required() for field in model.model_fields.values()),
                "content": {"application/json": {"schema": schemas.of(model)}},
            }
        return described | ({"security": []} if self.path in OPEN_PATHS else {})

    def path_parameters(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
            for name in PATH_PARAMETER.findall(self.path)
        ]

    def headers(self) -> list[dict[str, Any]]:
        """The beta header, which is a list; one of these is enough."""
        calls = [dependency.call for dependency in self.route.dependant.dependencies]
        return [
            {
                "name": "anthropic-beta",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "enum": list(accepted)},
            }
            for check, accepted in BETAS.items()
            if check in calls
        ]

    def query(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "in": "query", "required": False, "schema": without_null(schema)}
            for model in self.models("query")
            for name, schema in model.model_json_schema()["properties"].items()
        ]

    def content(self, schemas: Schemas) -> dict[str, Any]:
        answer = self.answer
        if isinstance(answer, dict):
            return {"application/json": {"schema": answer}}
        if answer.endswith(".stream"):
            return {"text/event-stream": {"schema": TEXT}}
        schema = schemas.of(answer)
        if answer.endswith(".list"):
            schema = object_with(data=schema, next_page={"type": ["string", "null"]})
        return {"application/json": {"schema": schema}}
