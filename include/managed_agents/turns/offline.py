"""
The offline model of a session: it searches its memory, quotes what it finds, and notes what it is told.

Deterministic, and honest about what it is: it quotes sentences that it found, with their date and the file they stand
in, and never makes a sentence of its own about the world.
"""

from __future__ import annotations

import re
from collections import Counter

from include.managed_agents.session_log.log import texts_of
from include.managed_agents.turns.model import Event, Turn, unanswered
from include.managed_agents.turns.notes import Notes, note_line
from include.managed_agents.turns.recalling import (
    POINTER,
    Statement,
    answer_from,
    keywords_of,
    pattern_of,
    quote,
    statements_of,
)
from include.managed_agents.turns.words import is_idle, is_question, sentences, stems_of
from include.managed_agents.usage import Usage

__all__ = ["OfflineModel", "tokens"]

BYTES_A_TOKEN = 4
#: A line of grep's answer: file, number, text.
HIT = re.compile(r"^(/.*?):(\d+):(.*)$")
CUT = "[output truncated"
#: What it says of itself it says so that the next dream sees that it is no news.
NOTHING_HEARD = "I have nothing to note: I heard nothing, for there is no text in your message."
NOTHING_SAID = "I have nothing to note or to look up in that."


class OfflineModel:
    """Implements `SessionModel`."""

    async def take_turn(self, turn: Turn) -> None:
        heard = [turn.system, *(texts_of(event.fields.get("content")) for event in turn.history)]
        answer = "\n\n".join(
            [await Answer(turn, message, heard).text() for message in unanswered(turn.history)]
        )
        await turn.say(answer)
        await turn.count(Usage(input_tokens=tokens(*heard), output_tokens=tokens(answer)))


class Answer:
    """
    The answer to one message.

    :param heard: what a model would have read; what tools say is added.
    """

    def __init__(self, turn: Turn, message: Event, heard: list[str]) -> None:
        self._turn = turn
        self._message = message
        self._heard = heard
        self._tools = {definition["name"] for definition in turn.tool_definitions}

    async def text(self) -> str:
        said = sentences(texts_of(self._message.fields.get("content")))
        asked = " ".join(sentence for sentence in said if is_question(sentence))
        told = " ".join(sentence for sentence in said if not is_question(sentence))
        if not said:
            return NOTHING_HEARD
        if is_idle(" ".join(said)):
            return NOTHING_SAID
        if not self._turn.mounts or not self._tools:
            return f"I have no memory to {'look that up' if asked else 'note that'} in."
        found = await self._look_up(asked, told) if asked else []
        answers = [] if is_idle(told) else [await self._note(told)]
        return "\n".join([*answers, *([recall(found)] if asked else [])])

    async def _look_up(self, asked: str, told: str) -> list[Statement]:
        """Return what answers a question, from all stores. "When is it?" is about what was said before."""
        earlier = (
            texts_of(e.fields["content"]) for e in reversed(self._turn.history) if e.type == "user.message"
        )
        question = next((text for text in (asked, told, *earlier) if keywords_of(text)), "")
        question = question if question == asked else f"{asked} {question}"
        keywords = keywords_of(question)
        if not keywords:
            return []
        statements: list[Statement] = []
        about: dict[str, str] = {}
        for mount, _writable in self._turn.mounts:
            about |= await self._index_of(mount)
            statements += await self._grep(mount, keywords)
        return answer_from(statements, question, about)

    async def _index_of(self, mount: str) -> dict[str, str]:
        """Return what a store's index says of each file, if it has an index."""
        read = await self._turn.use_tool("read", {"file_path": f"{mount}/index.md"})
        if read.is_error:
            return {}
        self._heard.append(read.text)
        lines = ((POINTER.search(line), line) for line in read.text.splitlines())
        return {f"{mount}{path[0].lstrip('[')}": line for path, line in lines if path}

    async def _grep(self, mount: str, keywords: list[str]) -> list[Statement]:
        """Return what the lines say that have any of the words; of very many, those that have the rarest."""
        while True:
            found = await self._turn.use_tool("grep", {"pattern": pattern_of(keywords), "path": mount})
            if found.is_error:
                return []
            self._heard.append(found.text)
            if CUT not in found.text[-len(CUT) - 30 :] or len(keywords) == 1:
                break
            frequency = Counter(stem for line in found.text.splitlines() for stem in stems_of(line))
            keywords = sorted(keywords, key=lambda word: frequency[word])[: len(keywords) // 2]
        hits = (HIT.match(line) for line in found.text.splitlines())
        return [said for hit in hits if hit for said in statements_of(hit[1], int(hit[2]), hit[3])]

    async def _note(self, told: str) -> str:
        """Add what the user said to this session's notes."""
        mount = next((path for path, writable in self._turn.mounts if writable), None)
        if mount is None or not {"read", "write"} <= self._tools:
            return "I may not write to my memory."
        file, failure = await Notes(self._turn, mount).add([note_line(told, self._message.at)])
        return f"I could not note it: {failure}" if failure else f"Noted in {file}."


def recall(found: list[Statement]) -> str:
    if not found:
        return "I have no memory of that."
    return "\n".join(["My memory says:", *map(quote, found)])


def tokens(*texts: str) -> int:
    """Count what a model would have read or written: 4 bytes of UTF-8 are one token."""
    return sum(len(text.encode()) for text in texts) // BYTES_A_TOKEN
