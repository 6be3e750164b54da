"""
Estimate what a dream takes before anything is spent: how much of the notes each request carries, in how many passes and
parts sessions are read, and whether all of it stays under the dream's ceiling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from include.managed_agents.claude import Limits
from include.managed_agents.dreams.claude.prompts import BASE_BYTES, transcript_text
from include.managed_agents.dreams.engine import Brief, EngineFailure

__all__ = ["Load", "Plan", "load_of", "plan_for"]

#: Notes in the shared prompt in bytes, and passes over a session: the first that fits is taken.
LEVELS = ((400_000, 14), (100_000, 14), (100_000, 7), (30_000, 7), (30_000, 4), (10_000, 2))
#: Where tokens can't be counted: 4 bytes make one, with a third for what is denser.
TOKENS_PER_BYTE = 1 / 3
COUNT_MARGIN = 1.1  # counted tokens come from a sample
SAMPLE_BYTES = 1_500  # of each session

#: How a dream may go. Tokens of an answer; of a session's report, at least and in share of the session; of a statement
#: in it; and of what an orchestrator reads beside the reports.
ANSWER, REPORT, REPORTED, STATEMENT, READING = 500, 2_000, 1 / 20, 80, 20_000
LEAST_STATEMENTS = 100  # that a sub-agent may report
#: Reports of so many tokens are filed at a time: each round reads them again, so more at once cost more.
REPORTS = 30_000
#: How often an orchestrator is asked: in any case, for each session, and for so many tokens of reports.
ROUNDS, ROUNDS_PER_SESSION, TOKENS_PER_ROUND = 8, 1.5, 1_500


@dataclass(frozen=True)
class Load:
    """
    What a dream has before it, in bytes.

    :param sessions: each session that is still to be read, by id.
    :param sample: the start of each, to count tokens on.
    """

    sessions: Mapping[str, int]
    notes: int
    instructions: int
    sample: str = ""

    def without_notes(self) -> Load:
        return replace(self, notes=0)


@dataclass(frozen=True)
class Plan:
    """
    :param notes_bytes: of notes in the shared prompt.
    :param part_bytes: of a session that are read at a time.
    :param reports_bytes: of reports that are filed at a time.
    :param filing: tokens that are kept for that.
    :param tokens: of the whole dream.
    """

    limits: Limits
    tokens_per_byte: float
    notes_bytes: int
    passes: int
    part_bytes: int
    reports_bytes: int
    filing: int
    tokens: int

    def statements_on(self, part: str) -> int:
        """Return how many statements may be reported on a part: what is more could not be filed for the price."""
        tokens = len(part.encode()) * self.tokens_per_byte
        return max(LEAST_STATEMENTS, int(tokens * REPORTED / STATEMENT))


def load_of(brief: Brief) -> Load:
    """Go through the sessions that are still to be read. It reads all of them: not for the event loop."""
    sessions, sample = {}, []
    for transcript in brief.unread():
        brief.check()
        text = transcript_text(transcript)
        sessions[transcript.session_id] = len(text.encode())
        sample.append(text[:SAMPLE_BYTES])
    notes = sum(brief.store.sizes().values())
    return Load(sessions, notes, len((brief.instructions or "").encode()), "\n".join(sample))


def plan_for(load: Load, limits: Limits, tokens_per_byte: float, ceiling: int, spent: int) -> Plan:
    """
    Return the best way to dream that fits.

    :raises EngineFailure: if none does: `input_memory_store_too_large` where the same sessions would fit a small store.
    """
    plans = list(plans_for(load, limits, tokens_per_byte))
    fitting = next((plan for plan in plans if plan.tokens + spent <= ceiling), None)
    if fitting is not None:
        return fitting
    needed = (
        f"{len(load.sessions)} sessions of {sum(load.sessions.values()):,} bytes and a store of {load.notes:,} bytes"
        f" take about {plans[-1].tokens:,} tokens, over the dream's ceiling of {ceiling:,}"
    )
    before = f", of which {spent:,} are used" if spent else "; nothing was used"
    if any(
        plan.tokens + spent <= ceiling for plan in plans_for(load.without_notes(), limits, tokens_per_byte)
    ):
        raise EngineFailure(f"{needed}{before}; make the store smaller", "input_memory_store_too_large")
    longest = max(load.sessions, key=lambda one: load.sessions[one], default=None)
    which = f" (the longest is {longest}, {load.sessions[longest]:,} bytes)" if longest else ""
    raise EngineFailure(f"{needed}{before}; dream over fewer or shorter sessions{which}")


def plans_for(load: Load, limits: Limits, tokens_per_byte: float) -> Iterator[Plan]:
    quarter = limits.context // 4
    base = int((BASE_BYTES + load.instructions) * tokens_per_byte)
    if base > quarter:
        raise EngineFailure(
            f"the dream's instructions take about {base:,} tokens, too many for a model that reads {limits.context:,}"
        )
    for most_notes, passes in LEVELS:
        notes_bytes = min(most_notes, int(quarter / tokens_per_byte))
        shared = base + int(min(load.notes, notes_bytes) * tokens_per_byte)
        sessions = [size * tokens_per_byte for size in load.sessions.values()]
        reading = sum(tokens_to_read(size, quarter, shared, passes) for size in sessions)
        reports = min(REPORTS, quarter)
        filing = tokens_to_file([report_of(size) for size in sessions], reports, shared)
        yield Plan(
            limits,
            tokens_per_byte,
            notes_bytes,
            passes,
            part_bytes=int(quarter / tokens_per_byte),
            reports_bytes=int(reports / tokens_per_byte),
            filing=int(filing),
            tokens=int(reading + filing),
        )


def tokens_to_file(reports: Sequence[float], at_a_time: int, shared: int) -> float:
    """Return the tokens of all rounds of the orchestrators, each of which reads the shared prompt and its reports."""
    parts = int(sum(reports) // at_a_time + 1)
    rounds = ROUNDS * parts + ROUNDS_PER_SESSION * len(reports) + sum(reports) / TOKENS_PER_ROUND
    return rounds * (shared + sum(reports) / parts + READING + ANSWER)


def report_of(size: float) -> float:
    """Return the tokens of the report on a session of ``size`` tokens."""
    return min(size, max(REPORT, size * REPORTED))


def tokens_to_read(size: float, part: int, shared: int, passes: int) -> float:
    """Return the tokens of all passes over a session: each reads the shared prompt, its part, and what came before."""
    parts = size // part + 1
    return passes * (parts * (shared + passes * ANSWER / 2 + ANSWER) + size + report_of(size))


def grouped(passes: Sequence[str], number: int) -> list[str]:
    """Return the passes as ``number`` tasks, several passes in one where there are fewer."""
    every, more = divmod(len(passes), number)
    remaining = iter(passes)
    return ["\n".join(islice(remaining, every + (place < more))) for place in range(number)]


def parts_of(text: str, limit: int) -> list[str]:
    """Return a text in parts of at most ``limit`` bytes, whole lines where they are no longer than that."""
    parts: list[list[str]] = [[]]
    size = 0
    for line in pieces_of(text.splitlines(), limit):
        size += len(line.encode()) + 1
        if size > limit and parts[-1]:
            parts.append([])
            size = len(line.encode()) + 1
        parts[-1].append(line)
    return ["\n".join(part) for part in parts]


def pieces_of(lines: Sequence[str], limit: int) -> Iterator[str]:
    for line in lines:
        left = line
        while len(left.encode()) > limit:
            piece = left.encode()[:limit].decode(errors="ignore")
            yield piece
            left = left[len(piece) :]
        yield left
