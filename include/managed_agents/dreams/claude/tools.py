"""The tools of a dream, as the Messages API wants them. All requests carry all of them, for the cache's sake."""

from __future__ import annotations

from typing import Any

__all__ = ["LOOKUPS", "TOOLS", "TOOL_CHOICE"]

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

#: Tools that read the store, for everybody. What they return is data, and never a task.
LOOKUPS = frozenset({"read_memory", "search_memory"})

#: At most one call an answer: each pass and each file is a step of its own. A call can't be forced: the newest models
#: refuse that, so who answers with text is asked again.
TOOL_CHOICE = {"type": "auto", "disable_parallel_tool_use": True}


def tool(
    name: str, description: str, properties: dict[str, Any], optional: frozenset[str] = frozenset()
) -> dict[str, Any]:
    required = [key for key in properties if key not in optional]
    schema = {"type": "object", "properties": properties, "required": required}
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
    tool(
        "read_memory",
        "Read a file of the store as it is now. A long one is cut, and tells from which line to read on.",
        {"path": PATH, "from_line": NUMBER},
        frozenset({"from_line"}),
    ),
    tool(
        "search_memory",
        "Find files of the store that have all of some words, in any case, in their text or path.",
        {"words": {**TEXT, "description": "Few and rare words, such as a name and an identifier"}},
    ),
    tool(
        "write_memory",
        "Orchestrator: create or replace a file, whole.",
        {"path": PATH, "content": {**TEXT, "description": "The whole file"}},
    ),
    tool(
        "edit_memory",
        "Orchestrator: replace one passage of a file, or add to its end. For files that are long.",
        {
            "path": PATH,
            "old": {**TEXT, "description": "What stands there now, exactly once; empty to add to the end"},
            "new": {**TEXT, "description": "What shall stand there; empty to take the passage out"},
        },
    ),
    tool("delete_memory", "Orchestrator: delete a file.", {"path": PATH}),
    tool("finish", "Orchestrator: say that all is done.", {"summary": TEXT}),
]
