"""The arguments of the commands that look at a server's objects, make dreams, and talk to sessions."""

from __future__ import annotations

import argparse
from typing import Any

from include.managed_agents.cli.options import add_json_option, add_server_options, at_least_one

__all__ = ["DREAMS", "SAY", "SESSIONS", "STORES", "add_dreams", "add_say", "add_sessions", "add_stores"]

DEFAULT_MODEL = "claude-opus-4-8"
STORES = "List memory stores, newest first; show what is in one, or what differs between two."
SESSIONS = "List sessions, newest first, or show the transcript of one."
DREAMS = "List dreams, newest first; make, watch, compare or cancel one."
SAY = (
    "Say TEXT to a session, and print what the agent answers as it comes: the answer on stdout, the tools that it "
    "uses on stderr. Ends when the session is idle: with 0 if it was answered, else with 1. TEXT - is read from stdin."
)
SESSION_STATUSES = ("idle", "running", "rescheduling", "terminated")
DREAM_STATUSES = ("pending", "running", "completed", "failed", "canceled")
#: What lists are told where no verb stands: everything.
NO_FILTERS = {"agent": None, "store": None, "status": None, "limit": None, "archived": False}


class Verbs:
    """The verbs of a command such as ``stores``, which lists where no verb is given."""

    def __init__(self, command: argparse.ArgumentParser, default: str) -> None:
        command.set_defaults(run=default, **NO_FILTERS)
        add_server_options(command)
        add_json_option(command)
        self._parsers = command.add_subparsers(title="verbs", metavar="VERB")

    def add(self, name: str, run: str, told: str) -> argparse.ArgumentParser:
        verb = self._parsers.add_parser(
            name, help=told[0].lower() + told[1:].split(".", maxsplit=1)[0], description=told
        )
        verb.set_defaults(run=run)
        add_server_options(verb, is_verb=True)
        add_json_option(verb, is_verb=True)
        return verb


def add_stores(command: argparse.ArgumentParser) -> None:
    verbs = Verbs(command, "memory_stores:list_stores")
    add_list_options(verbs.add("list", "memory_stores:list_stores", "List memory stores, newest first."))
    show = verbs.add(
        "show",
        "memory_stores:show",
        "Print the paths of a store with their sizes, or the text of one memory.",
    )
    show.add_argument("id", metavar="ID", help="memstore_…")
    show.add_argument("path", metavar="PATH", nargs="?", help="a memory's path, such as /people/ana.md")
    diff = verbs.add(
        "diff", "memory_stores:diff", "Print what changed from store A to store B, as unified diffs."
    )
    diff.add_argument("a", metavar="A", help="memstore_…")
    diff.add_argument("b", metavar="B", help="memstore_…")
    add_stat_option(diff)


def add_sessions(command: argparse.ArgumentParser) -> None:
    verbs = Verbs(command, "sessions:list_sessions")
    listing = verbs.add("list", "sessions:list_sessions", "List sessions, newest first.")
    add_list_options(listing, SESSION_STATUSES)
    listing.add_argument("--agent", metavar="ID", help="only those of this agent")
    listing.add_argument("--store", metavar="ID", help="only those that mount this memory store")
    show = verbs.add("show", "sessions:show", "Print a session's transcript.")
    show.add_argument("id", metavar="ID", help="sesn_…")
    add_full_option(show)


def add_dreams(command: argparse.ArgumentParser) -> None:
    verbs = Verbs(command, "dreams:list_dreams")
    add_list_options(verbs.add("list", "dreams:list_dreams", "List dreams, newest first."), DREAM_STATUSES)
    add_create(verbs.add("create", "dreams:create", "Dream over sessions, and print the dream's id."))
    for name, told in (
        ("show", "Print a dream's status, usage, cost, error, output, and the sessions that it set aside."),
        ("diff", "Print what changed from a dream's input store to its output store, as unified diffs."),
        ("log", "Print what a dream's session did."),
        ("cancel", "Stop a dream. What it has written stays."),
    ):
        verb = verbs.add(name, f"dreams:{name}", told)
        verb.add_argument("id", metavar="ID", help="drm_…")
        if name == "diff":
            add_stat_option(verb)
        if name == "log":
            add_full_option(verb)
            verb.add_argument("--follow", action="store_true", help="go on until the dream has ended")


def add_create(create: argparse.ArgumentParser) -> None:
    create.add_argument("--store", required=True, metavar="ID", help="the memory store to dream from")
    sessions = create.add_mutually_exclusive_group(required=True)
    sessions.add_argument("--sessions", nargs="+", metavar="ID", help="the sessions; - reads ids from stdin")
    sessions.add_argument(
        "--last", type=at_least_one, metavar="N", help="the newest N sessions that no dream ran (at most 100)"
    )
    create.add_argument("--agent", metavar="ID", help="with --last: only sessions of this agent")
    create.add_argument("--instructions", metavar="TEXT", help="what the dream is to mind")
    create.add_argument(
        "--model", default=DEFAULT_MODEL, metavar="ID", help="the model that dreams (default: %(default)s)"
    )
    create.add_argument(
        "--wait",
        action="store_true",
        help="wait until it has ended and show it; exit with 1 unless it completed",
    )


def add_say(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run="saying:say", model=DEFAULT_MODEL)
    command.add_argument("session", metavar="SESSION", nargs="?", help="sesn_…; none with --new")
    command.add_argument("text", metavar="TEXT", help="what to say")
    add_server_options(command)
    add_json_option(command)
    command.add_argument(
        "--new",
        metavar="AGENT",
        help="make a session of this agent, and print its id on stderr. AGENT is an id, or a name: where no agent has "
        "it, one that may use the file tools is made",
    )
    command.add_argument(
        "--store", action="append", default=[], metavar="ID", help="with --new: mount this store (repeatable)"
    )


def add_list_options(listing: argparse.ArgumentParser, statuses: tuple[str, ...] = ()) -> None:
    listing.add_argument("--limit", type=at_least_one, metavar="N", help="only the newest N (default: all)")
    listing.add_argument("--archived", action="store_true", help="archived ones too")
    if statuses:
        repeatable: dict[str, Any] = {"action": "append", "choices": statuses, "metavar": "STATUS"}
        listing.add_argument(
            "--status", **repeatable, help=f"only those that are {', '.join(statuses)} (repeatable)"
        )


def add_stat_option(diff: argparse.ArgumentParser) -> None:
    diff.add_argument("--stat", action="store_true", help="only the paths, with how many lines came and went")


def add_full_option(show: argparse.ArgumentParser) -> None:
    show.add_argument("--full", action="store_true", help="print what tools were given and returned in full")
