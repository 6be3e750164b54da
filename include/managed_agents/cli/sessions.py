"""``sessions``: list sessions, and show the transcript of one."""

from __future__ import annotations

import argparse
import json
from itertools import islice
from typing import Any

from include.managed_agents.cli.client import Client, at
from include.managed_agents.cli.escaping import one_line
from include.managed_agents.cli.output import Columns, moment, print_list, say
from include.managed_agents.cli.transcript import Teller

__all__ = ["list_sessions", "show", "usage_line"]


def list_sessions(options: argparse.Namespace) -> int:
    query = {
        "limit": 100,
        "include_archived": options.archived,
        "agent_id": options.agent,
        "memory_store_id": options.store,
        "statuses[]": options.status,
    }
    with Client(options.url, options.api_key) as client:
        sessions = islice(client.pages(at("sessions"), **query), options.limit)
        if options.json:
            print_list(sessions)
            return 0
        table = Columns({"SESSION": 29, "STATUS": 12, "CREATED (UTC)": 16}, "TITLE")
        for session in sessions:
            title = session["title"] or "-"
            table.row(session["id"], session["status"], moment(session["created_at"]), title)
        table.end("no sessions: make some with `import` or `say --new`")
    return 0


def show(options: argparse.Namespace) -> int:
    with Client(options.url, options.api_key) as client:
        session = client.get(at("sessions", options.id))
        events = client.pages(at("sessions", options.id, "events"), limit=1000)
        if options.json:
            print_list(events, head=f'{{"session": {json.dumps(session)},\n"events": [', tail="]}")
            return 0
        print_card(session)
        teller = Teller(is_full=options.full)
        for event in events:
            teller.tell(event)
    return 0


def print_card(session: dict[str, Any]) -> None:
    say(one_line(session["title"] or session["id"]), "bold")
    agent = session["agent"]
    say(f"session  {session['id']}, {session['status']}, since {moment(session['created_at'])} UTC", "dim")
    say(f"agent    {agent['id']} {one_line(agent['name'])}, {one_line(agent['model']['id'])}", "dim")
    for resource in session["resources"]:
        if resource["type"] == "memory_store":
            say(f"store    {resource['memory_store_id']} at {one_line(resource['mount_path'])}", "dim")
    say(f"usage    {usage_line(session['usage'])}", "dim")


def usage_line(usage: dict[str, Any]) -> str:
    """Return tokens, and their list price where it is told. The API gives it in cents."""
    written = usage.get("cache_creation_input_tokens") or sum(usage.get("cache_creation", {}).values())
    told = f"{usage['input_tokens']:,} tokens in, {usage['output_tokens']:,} out"
    if usage["cache_read_input_tokens"] or written:
        told += f", {usage['cache_read_input_tokens']:,} read from a cache, {written:,} written to it"
    cost = usage.get("list_cost")
    return f"{told}; USD {int(cost['amount']) / 100:.2f}" if cost else told
