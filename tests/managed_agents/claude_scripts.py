"""What the double of the Messages API answers in tests: a model that dreams by the book, and where it doesn't."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.managed_agents.messages_api import Reply, Think, call

__all__ = ["calls_so_far", "dreamer", "is_sub_agent", "opening", "question", "session_in", "unless"]


def opening(request: dict[str, Any]) -> str:
    return str(request["messages"][0]["content"][0]["text"])


def calls_so_far(request: dict[str, Any]) -> list[dict[str, Any]]:
    messages = [message for message in request["messages"] if message["role"] == "assistant"]
    return [block for message in messages for block in message["content"] if block["type"] == "tool_use"]


def is_sub_agent(request: dict[str, Any]) -> bool:
    return opening(request).startswith("You are a sub-agent")


def question(request: dict[str, Any]) -> str:
    """Return all that was said last: results of tools and text."""
    return json.dumps(request["messages"][-1]["content"], ensure_ascii=False)


def session_in(request: dict[str, Any]) -> str:
    """Return the session that a sub-agent reads."""
    lines = opening(request).splitlines()
    return next(line.split()[1].rstrip(",") for line in lines if line.startswith("session "))


def unless(odd: Callable[[dict[str, Any]], Reply | None]) -> Think:
    """Return a model that answers as ``odd`` says where that says anything, and otherwise dreams by the book."""
    return lambda request: odd(request) or dreamer(request)


def dreamer(request: dict[str, Any]) -> Reply:
    """Report what users said in the first pass, in pieces where that is too long, and file it by session."""
    lines = opening(request).splitlines()
    if is_sub_agent(request):
        found, reported = statements(lines), len(calls_so_far(request))
        piece = re.search(r"at most (\d+) statements", str(request["messages"][1:] or question(request)))
        size = int(piece[1]) if piece else len(found)
        some = found[reported * size : (reported + 1) * size]
        return call("report", statements=some, drop=[], conflicts=[])
    reports = [json.loads(line) for line in lines if line.startswith("{")]
    reports = [report for report in reports if report["statements"]]
    done = [use for use in calls_so_far(request) if use["name"] == "write_memory"]
    if len(done) < len(reports):
        report = reports[len(done)]
        told = "\n".join(f"- {one['statement']}" for one in report["statements"])
        path = f"/sessions/{report['session'].removeprefix('sesn_').lower()}.md"
        return call("write_memory", path=path, content=f"# A session\n\n{told}\n")
    if len(done) == len(reports):
        paths = [use["input"]["path"] for use in done]
        return call("write_memory", path="/index.md", content="\n".join(["# Index", "", *paths]))
    return call("finish", summary="done")


def statements(lines: list[str]) -> list[dict[str, str]]:
    session = next((line.split()[1].rstrip(",") for line in lines if line.startswith("session ")), "")
    users = [line.partition(" user: ")[2] for line in lines if " user: " in line[:30]]
    return [{"subject": "user", "statement": f"{text[:200]} ({session})"} for text in users]
