"""What the arguments of several commands share."""

from __future__ import annotations

import argparse
import os
from typing import Any
from urllib.parse import urlsplit

from include.managed_agents.cli.errors import CommandError

__all__ = ["add_json_option", "add_server_options", "at_least_one", "require_key", "require_url"]

DEFAULT_URL = "http://127.0.0.1:8787"
MAX_COUNT = 999_999_999


def add_server_options(command: argparse.ArgumentParser, *, is_verb: bool = False) -> None:
    """
    Let a command be told which server it asks.

    :param is_verb: the command is a verb of another, which takes the same options before it.
    """
    command.add_argument(
        "--url",
        default=default(os.environ.get("AGENTS_URL") or DEFAULT_URL, is_verb),
        help=f"where the server listens (default: AGENTS_URL, or {DEFAULT_URL})",
    )
    command.add_argument(
        "--api-key",
        default=default(os.environ.get("AGENTS_API_KEY"), is_verb),
        metavar="KEY",
        help="the server's key (default: AGENTS_API_KEY)",
    )


def add_json_option(command: argparse.ArgumentParser, *, is_verb: bool = False) -> None:
    command.add_argument(
        "--json",
        action="store_true",
        default=default(False, is_verb),
        help="print one JSON object or list, as the API gives it, instead of lines for people",
    )


def default(value: Any, is_verb: bool) -> Any:
    # What a verb isn't told must not hide what its command was told.
    return argparse.SUPPRESS if is_verb else value


def at_least_one(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:10]) <= MAX_COUNT:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; expected 1 to {MAX_COUNT:,}")
    return int(text)


def require_url(text: str) -> None:
    """:raises CommandError: if no server can be there."""
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an address that can't be
        is_url = False
    if not is_url:
        raise CommandError(f"--url: {text!r} is no URL of a server; expected one such as {DEFAULT_URL}")


def require_key(text: str) -> None:
    """:raises CommandError: if a client couldn't send the key. The message doesn't quote it."""
    if text != text.strip() or not all(" " <= character <= "~" for character in text):
        raise CommandError(
            "--api-key: a header can't carry this key; expected ASCII letters, digits and marks"
        )
