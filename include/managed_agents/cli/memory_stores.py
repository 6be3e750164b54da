"""``stores``: list memory stores, show one or a memory of it, and compare two."""

from __future__ import annotations

import argparse
from itertools import islice

from include.managed_agents.cli.client import Client, at
from include.managed_agents.cli.comparing import print_comparison
from include.managed_agents.cli.errors import CommandError
from include.managed_agents.cli.escaping import one_line, shown
from include.managed_agents.cli.output import Columns, moment, print_json, print_list, say

__all__ = ["diff", "list_stores", "show"]

STORES = "/v1/memory_stores"


def list_stores(options: argparse.Namespace) -> int:
    with Client(options.url, options.api_key) as client:
        query = {"limit": 100, "include_archived": options.archived}
        stores = islice(client.pages(STORES, **query), options.limit)
        if options.json:
            print_list(stores)
            return 0
        table = Columns({"STORE": 33, "CREATED (UTC)": 16}, "NAME")
        for store in stores:
            archived = " (archived)" if store["archived_at"] else ""
            table.row(store["id"], moment(store["created_at"]), store["name"] + archived)
        table.end("no memory stores yet: make one with `seed`")
    return 0


def show(options: argparse.Namespace) -> int:
    with Client(options.url, options.api_key) as client:
        if options.path is not None:
            show_memory(client, options)
            return 0
        store = client.get(at("memory_stores", options.id))
        memories = client.pages(at("memory_stores", options.id, "memories"), limit=100)
        if options.json:
            print_list(memories)
            return 0
        say(
            one_line(f"{store['name']}: {store['description']}" if store["description"] else store["name"]),
            "bold",
        )
        count = size = 0
        for memory in memories:
            count, size = count + 1, size + memory["content_size_bytes"]
            say(f"{memory['content_size_bytes']:>9,}  {one_line(memory['path'])}")
        say(f"{size:>9,}  bytes in {count:,} {'memory' if count == 1 else 'memories'}", "dim")
    return 0


def show_memory(client: Client, options: argparse.Namespace) -> None:
    memories = client.pages(at("memory_stores", options.id, "memories"), limit=100)
    found = next((memory["id"] for memory in memories if memory["path"] == options.path), None)
    if found is None:
        raise CommandError(
            f"{options.id} has no memory at {options.path!r}; `stores show {options.id}` lists them"
        )
    memory = client.get(at("memory_stores", options.id, "memories", found))
    if options.json:
        print_json(memory)
    else:
        say(shown(memory["content"]).removesuffix("\n"))


def diff(options: argparse.Namespace) -> int:
    with Client(options.url, options.api_key) as client:
        print_comparison(client, options.a, options.b, options)
    return 0
