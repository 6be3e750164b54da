"""The tools of a dream, as the Messages API wants them. All requests carry all of them, for the cache's sake."""

from __future__ import annotations

from typing import Any

__all__ = ["TOOLS", "TOOL_CHOICE"]

TEXT = {"type": "string"}
NUMBER = {"type": "integer", "minimum": 1}
STATEMENT = {
    "type": "object",
    "properties": {
        "number": {**NUMBER, "description": "The statement that this one corrects; left out for a new one"},
        "subject": {**TEXT, "description": "Whom or what it is about, as a file would be named"},
        "statement": {**TEXT, "description": "One line that stands on its own, with its source at the end"},
    },
    "required": ["subject", "statement"],
}
CONFLICT = {
    "type": "object",
    "properties": {
        "path": {**TEXT, "description": "The note"},
        "note_says": TEXT,
        "session_says": TEXT,
        "holds": {**TEXT, "enum": ["note", "session"]},
    },
    "required": ["path", "note_says", "session_says", "holds"],
}
PATH = {**TEXT, "description": "Such as /customers/ana-petrova.md"}

#: One call an answer, and never none: each pass and each file is a step of its own.
TOOL_CHOICE = {"type": "any", "disable_parallel_tool_use": True}


def tool(name: str, description: str, properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"name": name, "description": description, "input_schema": schema}


TOOLS = [
    tool(
        "report",
        "Sub-agents: report what a pass adds, corrects and drops.",
        {
            "statements": {"type": "array", "items": STATEMENT},
            "drop": {
                "type": "array",
                "items": NUMBER,
                "description": "Numbers of statements that do not hold",
            },
            "conflicts": {"type": "array", "items": CONFLICT},
        },
    ),
    tool("read_memory", "Orchestrator: read a file of the store as it is now.", {"path": PATH}),
    tool(
        "write_memory",
        "Orchestrator: create or replace a file, whole.",
        {"path": PATH, "content": {**TEXT, "description": "The whole file"}},
    ),
    tool("delete_memory", "Orchestrator: delete a file.", {"path": PATH}),
    tool("finish", "Orchestrator: say that all is done.", {"summary": TEXT}),
]
