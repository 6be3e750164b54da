"""Read transcript files, and the questions that go with them, for the benchmarks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from include.managed_agents.dreams.engine import Message, Transcript

__all__ = ["Question", "read_questions", "read_transcripts"]


@dataclass(frozen=True)
class Question:
    """A question and the answer whose words must be found."""

    question: str
    answer: str


def read_transcripts(path: Path, default_time: datetime) -> list[Transcript]:
    """
    Read JSON Lines, plain or gzipped, one session a line.

    :param default_time: when sessions without ``created_at`` are taken to have begun.
    :raises SystemExit: with file and line, when a line is no session.
    """
    transcripts = []
    for number, line in enumerate(_lines(path), 1):
        try:
            transcripts.append(_transcript(json.loads(line), default_time))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SystemExit(f"{path}: line {number}: not a session ({error!r})") from error
    if not transcripts:
        raise SystemExit(f"{path}: holds no sessions")
    return transcripts


def read_questions(path: Path) -> list[Question]:
    """
    Read questions from JSON Lines of ``{"question", "answer"}``, or from ``questions`` lists in a transcript file.

    :raises SystemExit: with file and line, when a line is neither.
    """
    questions = []
    for number, line in enumerate(_lines(path), 1):
        try:
            entry = json.loads(line)
            for item in entry.get("questions", ()) if "messages" in entry else [entry]:
                questions.append(Question(str(item["question"]), str(item["answer"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SystemExit(f"{path}: line {number}: not a question with its answer ({error!r})") from error
    return questions


def _lines(path: Path) -> Iterator[str]:
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as file
        ):
            yield from (line for line in file if line.strip())
    except OSError as error:
        raise SystemExit(f"{path}: cannot be read: {error}") from error


def _transcript(session: dict[str, Any], default_time: datetime) -> Transcript:
    started = _moment(session["created_at"]) if session.get("created_at") else default_time
    messages = []
    for number, message in enumerate(session["messages"]):
        created = (
            _moment(message["created_at"])
            if message.get("created_at")
            else started + timedelta(seconds=5 * number)
        )
        calls = tuple(
            {"name": c["name"], "input": _arguments(c["arguments"])} for c in message.get("tool_calls") or ()
        )
        messages.append(
            Message(message["role"], message.get("content") or "", created, message.get("name"), calls)
        )
    return Transcript(session["id"], session.get("title"), started, tuple(messages))


def _arguments(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {"text": text}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
