"""``say``: talk to a session, and print what its agent does until it is idle."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from include.managed_agents.cli.client import Client, at
from include.managed_agents.cli.errors import CommandError
from include.managed_agents.cli.escaping import shown
from include.managed_agents.cli.output import note, print_json
from include.managed_agents.cli.output import say as print_line
from include.managed_agents.cli.transcript import TOOL_USES, error_of, short_call_of, text_of

__all__ = ["say"]

LAST_EVENTS = frozenset({"session.status_idle", "session.status_terminated", "session.deleted"})
TOOLS = [{"type": "agent_toolset_20260401"}]


def say(options: argparse.Namespace) -> int:
    check(options)
    text = sys.stdin.read() if options.text == "-" else options.text
    with Client(options.url, options.api_key) as client:
        session_id = options.session or open_session(client, options)
        events: list[dict[str, Any]] = []
        answer: list[str] = []
        failure = "its agent said nothing"
        for event in exchange(client, session_id, text):
            events.append(event)
            if event["type"] == "agent.message":
                answer.append(text_of(event))
            elif event["type"] == "session.error":
                failure, answer = error_of(event), []
            if not options.json:
                tell(event)
        if options.json:
            told = {"session_id": session_id, "answered": bool(answer), "answer": "\n".join(answer)}
            print_json({**told, "events": events})
        if not answer:
            raise CommandError(f"{session_id} did not answer: {failure}")
    return 0


def check(options: argparse.Namespace) -> None:
    if (options.session is None) == (options.new is None):
        raise CommandError("name either the SESSION to say it to, or with --new the agent of a new one")
    if options.store and options.new is None:
        raise CommandError("--store is for --new: a session keeps the stores that it was made with")


def exchange(client: Client, session_id: str, text: str) -> Iterator[dict[str, Any]]:
    """Say something, and yield what happens from when the agent takes it up until the session is idle."""
    events = at("sessions", session_id, "events")
    with client.stream(f"{events}/stream") as live:
        is_free = client.get(at("sessions", session_id))["status"] == "idle"
        message = {"type": "user.message", "content": [{"type": "text", "text": text}]}
        sent = client.post(events, {"events": [message]})["data"][0]["id"]
        is_ours = False
        for event in live:
            if is_ours and event["id"] != sent:
                yield event
                if event["type"] in LAST_EVENTS:
                    return
            # An agent at work finishes first what it was told before. It has taken up what is marked as processed.
            is_ours = is_ours or (event["id"] == sent and (is_free or event["processed_at"] is not None))
    raise CommandError(f"the server stopped before {session_id} had answered")


def tell(event: dict[str, Any]) -> None:
    if event["type"] == "agent.message":
        print_line(shown(text_of(event)))
    elif event["type"] in TOOL_USES:
        note(short_call_of(event), "dim")


def open_session(client: Client, options: argparse.Namespace) -> str:
    stores = [{"type": "memory_store", "memory_store_id": store_id} for store_id in options.store]
    body = {
        "agent": options.new
        if options.new.startswith("agent_")
        else agent_named(client, options.new, options.model),
        "environment_id": environment(client),
        "resources": stores,
    }
    session_id = str(client.post(at("sessions"), body)["id"])
    note(session_id)
    return session_id


def agent_named(client: Client, name: str, model: str) -> str:
    found = (agent["id"] for agent in client.pages(at("agents"), limit=100) if agent["name"] == name)
    return next(found, None) or str(
        client.post(at("agents"), {"name": name, "model": model, "tools": TOOLS})["id"]
    )


def environment(client: Client) -> str:
    """Return the newest environment, or make one: sessions of this server run in none, but name one."""
    found = (environment["id"] for environment in client.pages(at("environments"), limit=1))
    return next(found, None) or str(client.post(at("environments"), {"name": "Command line"})["id"])
