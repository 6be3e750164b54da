"""
Sessions and memories of any size, made up: chats of two people, and tool sessions of a help desk.

Always the same for the same number and size. Words are built of syllables, so that there are as many as in real talk,
and most sentences have no near copy.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["memory", "session"]

_SYLLABLES = (
    "ba",
    "den",
    "ker",
    "lo",
    "mi",
    "nor",
    "pa",
    "ril",
    "so",
    "ta",
    "ven",
    "wick",
    "zu",
    "el",
    "gra",
    "ton",
)
_PEOPLE = (
    "Ana",
    "Bruno",
    "Chen",
    "Dilara",
    "Emeka",
    "Fatou",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kofi",
    "Lena",
)
_TOPICS = (
    "garden",
    "choir",
    "thesis",
    "kitchen",
    "bicycle",
    "visa",
    "bakery",
    "marathon",
    "violin",
    "allotment",
)
_SAID = (
    "I {verb} the {topic} {when}, and it cost {amount}.",
    "We met {person} near {place} {when}; she works on {word} now.",
    "My {topic} needs a new {word}, and {place} had none left.",
    "Did you ever finish the {topic} that you told me about?",
    "{person} said that the {word} {verb} at {time}, which I had not expected.",
    "Honestly, I think that {place} is better for {word} than {place2}.",
    "The number of my booking is {code}, if you need it.",
    "That sounds great! How is {person} doing?",
    "I have not {verb} any {word} since {when}, so the {topic} has to wait.",
    "Thanks, see you {when}.",
)
_VERBS = (
    "repaired",
    "sold",
    "painted",
    "moved",
    "started",
    "cancelled",
    "booked",
    "lost",
    "found",
    "measured",
)
_WHEN = (
    "yesterday",
    "last Friday",
    "two weeks ago",
    "this morning",
    "in May",
    "on 3 June 2024",
    "next Tuesday",
)
_TOOLS = ("get_order", "get_customer", "update_address", "refund", "search_policy")
_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def session(number: int, size: int) -> dict[str, Any]:
    """Return a transcript of about so many bytes of text, for the import: every other one uses tools."""
    rng = random.Random(number)
    started = _START + timedelta(hours=7 * number)
    messages: list[dict[str, Any]] = []
    length = 0
    while length < size:
        for message in _exchange(rng, number):
            at = started + timedelta(seconds=20 * len(messages))
            messages.append({**message, "created_at": at.isoformat()})
            length += len(message.get("content") or "") + len(json.dumps(message.get("tool_calls", "")))
    return {
        "id": f"talk-{number}",
        "title": f"Talk {number}",
        "created_at": started.isoformat(),
        "messages": messages,
    }


def memory(number: int, size: int) -> tuple[str, str]:
    """Return path and content of a memory that people wrote, of about so many bytes."""
    rng = random.Random(-1 - number)
    lines = [f"# {_name(rng)} {number}"]
    length = len(lines[0])
    while length < size - 200:
        lines.append(f"- {_sentence(rng)}")
        length += len(lines[-1].encode()) + 1
    return f"/{_TOPICS[number % len(_TOPICS)]}/{number:04d}-{_word(rng)}.md", "\n".join(lines)


def _exchange(rng: random.Random, number: int) -> list[dict[str, Any]]:
    if number % 2 == 0:
        talk = (" ".join(_sentence(rng) for _ in range(rng.randint(1, 5))) for _ in range(2))
        return [
            {"role": role, "content": text} for role, text in zip(("user", "assistant"), talk, strict=True)
        ]
    call = f"call_{rng.getrandbits(48):012x}"
    arguments = {"customer_id": f"{_word(rng)}_{number}", "order_id": _code(rng)}
    record = {
        **arguments,
        "status": rng.choice(("open", "shipped", "refunded")),
        "items": [{"name": _name(rng), "price": rng.randint(3, 900), "sku": _code(rng)} for _ in range(12)],
        "address": f"{rng.randint(1, 99)} {_name(rng)} Street",
    }
    return [
        {"role": "user", "content": f"{_sentence(rng)} My order is {arguments['order_id']}."},
        {
            "role": "assistant",
            "content": "Let me look.",
            "tool_calls": [{"id": call, "name": rng.choice(_TOOLS), "arguments": json.dumps(arguments)}],
        },
        {"role": "tool", "tool_call_id": call, "content": json.dumps(record)},
        {"role": "assistant", "content": f"I see it is {record['status']}. {_sentence(rng)}"},
    ]


def _sentence(rng: random.Random) -> str:
    return rng.choice(_SAID).format(
        verb=rng.choice(_VERBS),
        topic=rng.choice(_TOPICS),
        when=rng.choice(_WHEN),
        person=rng.choice(_PEOPLE),
        place=_name(rng),
        place2=_name(rng),
        word=_word(rng),
        code=_code(rng),
        amount=f"£{rng.randint(2, 900)}.{rng.randint(0, 99):02d}",
        time=f"{rng.randint(0, 23)}:{rng.randint(0, 59):02d}",
    )


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 3)))


def _name(rng: random.Random) -> str:
    return _word(rng).capitalize()


def _code(rng: random.Random) -> str:
    return f"{rng.choice('ABCDEFGH')}{rng.choice('KLMNPQRS')}-{rng.randint(1000, 99999)}"
