"""``seed``: make a memory store from files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from include.managed_agents.cli.client import Client, at
from include.managed_agents.cli.progress import progress
from include.managed_agents.cli.stores import StoreFiles, read_store

__all__ = ["seed"]


def seed(options: argparse.Namespace) -> int:
    store = read_store(Path(options.source))
    with Client(options.url, options.api_key) as client:
        store_id = options.memory_store or create(client, store)
        fill(client, store_id, store)
    print(f"seeded {len(store.memories)} memories", file=sys.stderr)  # noqa: T201
    print(store_id)  # noqa: T201
    return 0


def create(client: Client, store: StoreFiles) -> str:
    card = {"name": store.name, "description": store.description, "metadata": dict(store.metadata)}
    return str(client.post(at("memory_stores"), card)["id"])


def fill(client: Client, memory_store_id: str, store: StoreFiles) -> None:
    """Write every memory, over the one that is at its path if there is one. What else is there stays."""
    memories = at("memory_stores", memory_store_id, "memories")
    existing: dict[str, Any] = {memory["path"]: memory for memory in client.pages(memories, limit=100)}
    with progress("writing memories", len(store.memories)) as advance:
        for path, content in store.memories.items():
            if path in existing:
                client.post(f"{memories}/{existing[path]['id']}", {"content": content})
            else:
                client.post(memories, {"path": path, "content": content})
            advance()
