"""``export``: write a memory store or a session to files that ``seed`` and ``import`` read."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from include.managed_agents.cli.client import Client, at
from include.managed_agents.cli.errors import CommandError
from include.managed_agents.cli.progress import progress
from include.managed_agents.cli.stores import StoreFiles, write_store
from include.managed_agents.session_log.kinds import RESULT_OF, TOOL_USES

__all__ = ["export", "transcript_from"]

ROLES = {"user.message": "user", "agent.message": "assistant"}


def export(options: argparse.Namespace) -> int:
    target = Path(options.to)
    with Client(options.url, options.api_key) as client:
        match options.id.partition("_")[0]:
            case "memstore":
                store = fetch_store(client, options.id)
                write_store(store, target)
                told = f"{len(store.memories)} memories of {store.name!r}"
            case "sesn":
                session = client.get(at("sessions", options.id))
                recorded = transcript_from(session, list(fetch_events(client, options.id)))
                append_line(target, recorded)
                told = f"{len(recorded['messages'])} messages"
            case _:
                raise CommandError(
                    f"{options.id!r} is no memory store or session; expected memstore_… or sesn_…"
                )
    print(f"exported {told} to {target}", file=sys.stderr)  # noqa: T201
    return 0


def fetch_store(client: Client, memory_store_id: str) -> StoreFiles:
    card = client.get(at("memory_stores", memory_store_id))
    memories: dict[str, str] = {}
    with progress("reading memories") as advance:
        for memory in client.pages(at("memory_stores", memory_store_id, "memories"), view="full", limit=20):
            memories[memory["path"]] = memory["content"]
            advance()
    return StoreFiles(card["name"], card["description"], card["metadata"], memories)


def fetch_events(client: Client, session_id: str) -> Iterator[dict[str, Any]]:
    with progress("reading events") as advance:
        for event in client.pages(at("sessions", session_id, "events"), limit=100):
            advance()
            yield event


def transcript_from(session: dict[str, Any], events: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a session in the transcript format. Status changes and other signals are left out."""
    names = {event["id"]: event["name"] for event in events if event["type"] in TOOL_USES}
    messages = [message for event in events if (message := message_from(event, names))]
    return {
        "id": session["id"],
        "title": session["title"],
        "created_at": session["created_at"],
        "messages": messages,
    }


def message_from(event: dict[str, Any], names: dict[str, str]) -> dict[str, Any] | None:
    at = {"created_at": event["processed_at"]} if event.get("processed_at") else {}
    kind = event["type"]
    if kind in ROLES:
        return {"role": ROLES[kind], "content": text_of(event), **at}
    if kind in TOOL_USES:
        call = {
            "id": event["id"],
            "name": event["name"],
            "arguments": json.dumps(event["input"], ensure_ascii=False),
        }
        return {"role": "assistant", "content": None, "tool_calls": [call], **at}
    if kind in RESULT_OF:
        call_id = event[RESULT_OF[kind]]
        return {
            "role": "tool",
            "content": text_of(event),
            "tool_call_id": call_id,
            "name": names.get(call_id),
            **at,
        }
    return None


def text_of(event: dict[str, Any]) -> str:
    return "\n".join(block["text"] for block in event.get("content") or () if block["type"] == "text")


def append_line(target: Path, recorded: dict[str, Any]) -> None:
    try:
        with target.open("a", encoding="utf-8") as file:
            file.write(json.dumps(recorded, ensure_ascii=False) + "\n")
    except OSError as error:
        raise CommandError(f"{target}: can't be written: {error.strerror or error}") from error
