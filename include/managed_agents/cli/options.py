"""What the arguments of several commands share."""

from __future__ import annotations

import argparse
import os
from typing import Any

__all__ = ["add_json_option", "add_server_options", "at_least_one"]

DEFAULT_URL = "http://127.0.0.1:8787"


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
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; expected 1 or more")
    return int(text)
