"""
The offline model of a session: it searches its memory, quotes what it finds, and notes what it is told.

Deterministic, and honest about what it is: it quotes lines that it found, with the file they stand in, and
never makes a sentence of its own about the world.
"""

from __future__ import annotations

import re

from include.managed_agents.session_log.log import texts_of
from include.managed_agents.turns.model import Turn
from include.managed_agents.usage import Usage

__all__ = ["OfflineModel", "is_question", "keywords_of", "tokens"]

BYTES_A_TOKEN = 4
MAX_KEYWORDS = 8
MAX_KEYWORD = 30
MAX_QUOTES = 3
MAX_NOTE = 500


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


QUESTION_WORDS = words(
    """who whom whose what when where which why how is are was were do does did can could will would should has
    have"""
)
COMMON = words(
    """about after also and any are been but can could did does for from get had has have her here him his how into
    its just know like may more much need not now our out please remember say should some tell than that the their
    them then there these they this those want was were what when where which who whom whose why will with would
    you your yours"""
)
WORD = re.compile(r"[\w@.:/#-]*\w", re.UNICODE)
#: A path that an index leads to.
INDEXED = re.compile(r"/[\w/.-]+\.md")
#: A line of grep's answer: file, number, text.
HIT = re.compile(r"^(/[^:]*):(\d+):(.*)$")


class OfflineModel:
    """Implements `SessionModel`."""

    async def take_turn(self, turn: Turn) -> None:
        text = latest_message(turn)
        heard = [turn.system, *(texts_of(event.fields.get("content")) for event in turn.history)]
        answer = await self._answer(turn, text, heard)
        await turn.say(answer)
        await turn.count(Usage(input_tokens=tokens(*heard), output_tokens=tokens(answer)))

    async def _answer(self, turn: Turn, text: str, heard: list[str]) -> str:
        if not turn.mounts or not turn.tool_definitions:
            return (
                "I have no memory to look that up in."
                if is_question(text)
                else "I heard you, but I have no memory to note it in."
            )
        found = await self._look_up(turn, text, heard)
        if is_question(text):
            return recall(found)
        noted = await self._note(turn, text)
        return f"{noted} {recall(found)}" if found else noted

    async def _look_up(self, turn: Turn, text: str, heard: list[str]) -> list[tuple[str, str]]:
        """Return the lines of memory that share most words with ``text``, and their files."""
        keywords = keywords_of(text)
        if not keywords:
            return []
        hits: list[tuple[int, int, str, str]] = []
        for mount, _writable in turn.mounts:
            pattern = "(?i)" + "|".join(re.escape(keyword) for keyword in keywords)
            path = await self._file_in_index(turn, mount, keywords, heard) or mount
            outcome = await turn.use_tool("grep", {"pattern": pattern, "path": path})
            heard.append(outcome.text)
            if outcome.is_error:
                continue
            for place, line in enumerate(outcome.text.splitlines()):
                match = HIT.match(line)
                if match and match[3].strip():
                    shared = sum(keyword in match[3].lower() for keyword in keywords)
                    hits.append((-shared, place, match[1], match[3].strip()))
        best = sorted(hits)
        wanted = best[0][0] if best else 0
        return [(file, line) for shared, _, file, line in best if shared == wanted][:MAX_QUOTES]

    async def _file_in_index(
        self, turn: Turn, mount: str, keywords: list[str], heard: list[str]
    ) -> str | None:
        """Return the file that the store's index names beside most of the keywords, if it has an index."""
        index = await turn.use_tool("read", {"file_path": f"{mount}/index.md"})
        if index.is_error:
            return None
        heard.append(index.text)
        entries = [(line, INDEXED.search(line)) for line in index.text.splitlines()]
        scored = [
            (sum(keyword in line.lower() for keyword in keywords), match[0])
            for line, match in entries
            if match
        ]
        shared, file = max(scored, default=(0, ""), key=lambda entry: entry[0])
        return f"{mount}{file}" if shared else None

    async def _note(self, turn: Turn, text: str) -> str:
        """Add what the user said to this session's file of notes."""
        mount = next((path for path, writable in turn.mounts if writable), None)
        names = {definition["name"] for definition in turn.tool_definitions}
        if mount is None or not {"read", "write"} <= names:
            return "I may not write to my memory."
        file = f"{mount}/notes/{note_name(turn)}.md"
        before = await turn.use_tool("read", {"file_path": file})
        kept = "" if before.is_error else before.text.rstrip("\n") + "\n"
        note = f"- {' '.join(text.split())[:MAX_NOTE]}\n"
        written = await turn.use_tool("write", {"file_path": file, "content": kept + note})
        return f"I could not note it: {written.text}" if written.is_error else f"Noted in {file}."


def latest_message(turn: Turn) -> str:
    """Return what the user said since the agent last spoke."""
    said: list[str] = []
    for event in reversed(turn.history):
        if event.type == "agent.message":
            break
        if event.type == "user.message":
            said.append(texts_of(event.fields.get("content")))
    return "\n".join(reversed(said))


def note_name(turn: Turn) -> str:
    """Return a file name of this session's own: its first message's id, so that sessions never collide."""
    return turn.history[0].id.removeprefix("sevt_") if turn.history else "session"


def recall(found: list[tuple[str, str]]) -> str:
    if not found:
        return "I have no memory of that."
    quotes = "\n".join(f"{line} ({file})" for file, line in found)
    return f"My memory says:\n{quotes}"


def is_question(text: str) -> bool:
    words = text.lower().split()
    return text.rstrip().endswith("?") or bool(words and words[0] in QUESTION_WORDS)


def keywords_of(text: str) -> list[str]:
    """Return the words worth looking for, those with digits first: they are rarest."""
    words = dict.fromkeys(word.lower().strip(".:/#-") for word in WORD.findall(text))
    telling = [word[:MAX_KEYWORD] for word in words if len(word) > 2 and word not in COMMON]
    telling.sort(key=lambda word: (not any(map(str.isdigit, word)), -len(word)))
    return telling[:MAX_KEYWORDS]


def tokens(*texts: str) -> int:
    """Count what a model would have read or written: 4 bytes of UTF-8 are one token."""
    return sum(len(text.encode()) for text in texts) // BYTES_A_TOKEN
