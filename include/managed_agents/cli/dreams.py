"""``dreams``: make dreams, list them, and show what one costs, does and changes."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from include.managed_agents.cli.client import Client, at
from include.managed_agents.cli.comparing import print_comparison
from include.managed_agents.cli.errors import CommandError, Missing
from include.managed_agents.cli.escaping import one_line
from include.managed_agents.cli.output import Columns, moment, note, print_json, print_list, say
from include.managed_agents.cli.sessions import usage_line
from include.managed_agents.cli.transcript import Teller, text_of

__all__ = ["cancel", "create", "diff", "list_dreams", "log", "show"]

POLL_SECONDS = 0.5
MAX_SESSIONS = 100
LIVE = frozenset({"pending", "running"})
LAST_EVENTS = frozenset({"session.status_terminated", "session.deleted"})
SET_ASIDE = re.compile(r"Session (\S+) was set aside: (.*)", re.DOTALL)

Dream = dict[str, Any]


def list_dreams(options: argparse.Namespace) -> int:
    query = {"limit": 100, "include_archived": options.archived, "statuses[]": options.status}
    with Client(options.url, options.api_key) as client:
        dreams = islice(client.pages(at("dreams"), **query), options.limit)
        if options.json:
            print_list(dreams)
            return 0
        table = Columns({"DREAM": 28, "STATUS": 9, "CREATED (UTC)": 16, "SESSIONS": 8}, "OUTPUT")
        for dream in dreams:
            sessions = len(inputs_of(dream)[1])
            table.row(
                dream["id"], dream["status"], moment(dream["created_at"]), sessions, output_of(dream) or "-"
            )
        table.end("no dreams yet: make one with `dreams create`")
    return 0


def create(options: argparse.Namespace) -> int:
    with Client(options.url, options.api_key) as client:
        session_ids = newest(client, options) if options.last else given(options.sessions)
        body = {
            "model": options.model,
            "instructions": options.instructions,
            "inputs": [
                {"type": "memory_store", "memory_store_id": options.store},
                {"type": "sessions", "session_ids": session_ids},
            ],
        }
        dream = client.post(at("dreams"), body)
        if not options.wait:
            print_json(dream) if options.json else say(dream["id"])
            return 0
        dream = ended(client, dream)
        present(client, dream, options)
        return 0 if dream["status"] == "completed" else 1


def given(session_ids: list[str]) -> list[str]:
    return sys.stdin.read().split() if session_ids == ["-"] else session_ids


def newest(client: Client, options: argparse.Namespace) -> list[str]:
    """Return the newest sessions. A dream's own is archived, and so not listed, once the dream has ended."""
    if options.last > MAX_SESSIONS:
        raise CommandError(f"--last {options.last}: a dream reads at most {MAX_SESSIONS} sessions")
    dreaming = {
        dream["session_id"] for dream in client.pages(at("dreams"), limit=100, **{"statuses[]": list(LIVE)})
    }
    listed = client.pages(at("sessions"), limit=100, agent_id=options.agent)
    found = [
        session["id"] for session in islice((s for s in listed if s["id"] not in dreaming), options.last)
    ]
    if not found:
        raise CommandError("--last: there are no sessions; make some with `import` or `say --new`")
    return found


def ended(client: Client, dream: Dream) -> Dream:
    try:
        note(f"{dream['id']} dreams …", "dim")
        while dream["status"] in LIVE:
            time.sleep(POLL_SECONDS)
            dream = client.get(at("dreams", dream["id"]))
    except KeyboardInterrupt:
        note(f"the dream goes on; `dreams cancel {dream['id']}` stops it")
        raise
    return dream


def show(options: argparse.Namespace) -> int:
    with Client(options.url, options.api_key) as client:
        present(client, client.get(at("dreams", options.id)), options)
    return 0


def cancel(options: argparse.Namespace) -> int:
    with Client(options.url, options.api_key) as client:
        present(client, client.post(at("dreams", options.id, "cancel"), {}), options)
    return 0


def diff(options: argparse.Namespace) -> int:
    with Client(options.url, options.api_key) as client:
        dream = client.get(at("dreams", options.id))
        before, after = inputs_of(dream)[0], output_of(dream)
        if after is None:
            raise CommandError(f"{dream['id']} is {dream['status']} and has no output store to compare")
        if after == before:
            raise CommandError(
                f"{dream['id']} wrote into its input store {before}: there are no two to compare"
            )
        print_comparison(client, before, after, options)
    return 0


def log(options: argparse.Namespace) -> int:
    with Client(options.url, options.api_key) as client:
        dream = client.get(at("dreams", options.id))
        while options.follow and dream["session_id"] is None and dream["status"] in LIVE:
            time.sleep(POLL_SECONDS)
            dream = client.get(at("dreams", options.id))
        if dream["session_id"] is None:
            raise CommandError(f"{dream['id']} is {dream['status']} and has had no session so far")
        events = (follow if options.follow else recorded)(client, dream["session_id"])
        if options.json:
            print_list(events)
            return 0
        teller = Teller(is_full=options.full)
        for event in events:
            teller.tell(event)
        note(f"{dream['id']} is {client.get(at('dreams', options.id))['status']}", "dim")
    return 0


def recorded(client: Client, session_id: str) -> Iterator[dict[str, Any]]:
    return client.pages(at("sessions", session_id, "events"), limit=1000)


def follow(client: Client, session_id: str) -> Iterator[dict[str, Any]]:
    """Yield what a session has done, and what it does until it ends."""
    with client.stream(at("sessions", session_id, "events", "stream")) as live:
        seen, is_over = set(), False
        for event in recorded(client, session_id):
            seen.add(event["id"])
            is_over = is_over or event["type"] in LAST_EVENTS
            yield event
        if is_over:
            return
        for event in live:
            if event["id"] not in seen:
                yield event
            if event["type"] in LAST_EVENTS:
                return
    raise CommandError("the server stopped before the dream had ended; it goes on when the server is back")


def present(client: Client, dream: Dream, options: argparse.Namespace) -> None:
    """Print a dream with what its session tells: the list cost, the last words, and what was set aside."""
    cost, said = what_its_session_tells(client, dream["session_id"])
    set_aside = set_aside_in(said)
    if options.json:
        print_json({**dream, "list_cost": cost, "set_aside": set_aside})
        return
    store, sessions = inputs_of(dream)
    rows = [
        ("dream", f"{dream['id']}, {dream['status']}"),
        ("model", dream["model"]["id"]),
        ("input", f"{store}, {len(sessions)} session{'s' if len(sessions) > 1 else ''}"),
        ("output", output_of(dream) or "-"),
        ("session", dream["session_id"] or "-"),
        ("created", f"{moment(dream['created_at'])} UTC, ended {moment(dream['ended_at'])}"),
        ("usage", usage_line({**dream["usage"], "list_cost": cost})),
        *(("asked", text) for text in [dream["instructions"]] if text),
        *(("error", f"{error['type']}: {error['message']}") for error in [dream["error"]] if error),
        *((("aside", f"{session_id}: {reason}") for session_id, reason in set_aside.items())),
        *(("said", text) for text in said[-1:]),
    ]
    for name, text in rows:
        say(f"{name:<7}  {one_line(text)}", "red" if name in {"error", "aside"} else "")


def what_its_session_tells(client: Client, session_id: str | None) -> tuple[dict[str, str] | None, list[str]]:
    """Return the list cost and what was said, or nothing where there is no session yet, or none any more."""
    if session_id is None:
        return None, []
    events = at("sessions", session_id, "events")
    try:
        usage = client.get(at("sessions", session_id))["usage"]
        messages = list(client.pages(events, limit=1000, **{"types[]": ["agent.message"]}))
    except Missing:
        return None, []
    return usage.get("list_cost"), [text_of(message) for message in messages]


def set_aside_in(said: list[str]) -> dict[str, str]:
    """Return the sessions that a dream went on without, and why, of what it said in its own session."""
    return {match[1]: match[2] for text in said if (match := SET_ASIDE.fullmatch(text))}


def inputs_of(dream: Dream) -> tuple[str, list[str]]:
    given = {entry["type"]: entry for entry in dream["inputs"]}
    return given["memory_store"]["memory_store_id"], given["sessions"]["session_ids"]


def output_of(dream: Dream) -> str | None:
    return dream["outputs"][0]["memory_store_id"] if dream["outputs"] else None
