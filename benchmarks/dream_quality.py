"""
How good the offline engine's dreams are: what can still be found, in how many bytes, and whether all of it is true.

    python -m benchmarks.dream_quality [--transcripts FILE] [--questions FILE] [--store FILE] [--limit 100]

Without ``--transcripts``, the demo's sessions, store and questions. A question is ``{"question", "answer"}`` on a
line of its own file, or in a ``questions`` list of a session; without any, what the sessions themselves ask and answer
is taken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks._quality import alike_pairs, findable, lines_of, missing_from_index, stated, ungrounded
from benchmarks._retrieval import Lines, own_questions, raw_lines, recall_at
from benchmarks._transcripts import read_questions, read_transcripts
from include.managed_agents.dreams.engine import Brief, Findings, Transcript
from include.managed_agents.dreams.offline import OfflineEngine

DEMO = Path(__file__).parent.parent / "include" / "transcripts"
BUDGETS = (250, 500, 1000, 2000)
NOW = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)


class Store:
    """A memory store in memory."""

    def __init__(self, contents: Mapping[str, str]) -> None:
        self.contents = dict(contents)

    def sizes(self) -> Mapping[str, int]:
        return {path: len(content.encode()) for path, content in sorted(self.contents.items())}

    def read(self, path: str) -> str | None:
        return self.contents.get(path)

    def read_all(self) -> Iterator[tuple[str, str]]:
        yield from sorted(self.contents.items())

    def write(self, path: str, content: str) -> None:
        self.contents[path] = content

    def delete(self, path: str) -> None:
        self.contents.pop(path, None)


def dream(
    transcripts: Sequence[Transcript], before: Mapping[str, str], *, backwards: bool = False
) -> dict[str, str]:
    """Return the store after a dream of the offline engine."""

    async def run() -> None:
        engine, brief = OfflineEngine(), Brief("offline", None, NOW)
        order = list(reversed(transcripts)) if backwards else list(transcripts)
        findings: list[Findings] = [await engine.read_session(transcript, brief) for transcript in order]
        # What the runner keeps is JSON.
        findings = [Findings(f.session_id, json.loads(json.dumps(f.data))) for f in findings]
        await engine.consolidate(store, findings, brief)

    store = Store(before)
    asyncio.run(run())
    return store.contents


def main() -> None:
    arguments = _arguments()
    path = arguments.transcripts or DEMO / "demo.jsonl"
    demo = arguments.transcripts is None
    store_path = arguments.store or (DEMO / "demo_store.json" if demo else None)
    questions_path = arguments.questions or (DEMO / "demo_questions.jsonl" if demo else path)
    transcripts = read_transcripts(path, NOW)[: arguments.limit]
    before = (
        {m["path"]: m["content"] for m in json.loads(store_path.read_text())["memories"]}
        if store_path
        else {}
    )

    began = time.perf_counter()
    after = dream(transcripts, before)
    seconds = time.perf_counter() - began

    print(f"{path.name}: {len(transcripts)} sessions, {len(before)} memories before, {len(after)} after\n")
    _print_findable(transcripts, after)
    rows = _figures(transcripts, before, after, seconds)
    _table(("what", "measured", "target"), rows)
    questions = read_questions(questions_path) or own_questions(transcripts)
    if questions:
        raw, dreamed = Lines(raw_lines(transcripts)), Lines(lines_of(after))
        found: list[tuple[str, ...]] = []
        for name, lines in (("raw transcripts", raw), ("dreamed store", dreamed)):
            found.append((name, *(f"{share:.1%}" for share in recall_at(lines, questions, BUDGETS))))
        print(f"\nWords of the answers found by BM25 over lines, {len(questions)} questions:\n")
        _table(("within", *(f"{budget:,} tokens" for budget in BUDGETS)), found)
    if arguments.show:
        _show(before, after, transcripts)


def _print_findable(transcripts: Sequence[Transcript], after: Mapping[str, str]) -> None:
    rows = []
    total = [0, 0, 0]
    for kind, pairs in stated(transcripts).items():
        counts = findable(pairs, after)
        total = [a + b for a, b in zip(total, counts, strict=True)]
        if counts[0]:
            rows.append(
                (kind.value, str(counts[0]), f"{counts[1] / counts[0]:.1%}", f"{counts[2] / counts[0]:.1%}")
            )
    rows.append(
        ("all", str(total[0]), f"{total[1] / max(1, total[0]):.1%}", f"{total[2] / max(1, total[0]):.1%}")
    )
    print("What people and agents state (a specific counts once a session; target: 95% findable):\n")
    _table(("kind", "stated", "findable", "beside its session"), rows)
    print()


def _figures(
    transcripts: Sequence[Transcript], before: Mapping[str, str], after: Mapping[str, str], seconds: float
) -> list[tuple[str, str, str]]:
    read = sum(len(m.text.encode()) for t in transcripts for m in t.messages) + sum(
        len(json.dumps(call).encode()) for t in transcripts for m in t.messages for call in m.tool_calls
    )
    size = sum(len(content.encode()) for content in after.values())
    lines = lines_of(after)
    return [
        (
            "bytes of transcripts and store before",
            f"{read + sum(len(c.encode()) for c in before.values()):,}",
            "",
        ),
        (
            "bytes of store after",
            f"{size:,} ({size / (read + sum(len(c.encode()) for c in before.values())):.1%})",
            "15% of long sessions with tools",
        ),
        ("largest memory, bytes", f"{max(len(c.encode()) for c in after.values()):,}", "102,400"),
        ("lines", f"{len(lines):,}", ""),
        ("longest line, bytes", f"{max(len(line.encode()) for line in lines):,}", ""),
        ("pairs of lines alike at 0.9 or more", str(len(alike_pairs(lines))), "0"),
        ("specifics that stand in no input", str(len(ungrounded(after, before, transcripts))), "0"),
        ("memories that the index does not lead to", str(len(missing_from_index(after))), "0"),
        (
            "same bytes, sessions in another order",
            _yes(dream(transcripts, before, backwards=True) == after),
            "yes",
        ),
        ("same bytes, dreamed over again", _yes(dream(transcripts, after) == after), "yes"),
        ("seconds", f"{seconds:.1f}", "20 for 100 sessions"),
    ]


def _show(before: Mapping[str, str], after: Mapping[str, str], transcripts: Sequence[Transcript]) -> None:
    lines = lines_of(after)
    text = "\n".join(after.values()).lower()
    for likeness, one, other in alike_pairs(lines)[:10]:
        print(f"\nalike {likeness:.2f}:\n  {one}\n  {other}")
    for path, specific in ungrounded(after, before, transcripts)[:20]:
        print(f"ungrounded in {path}: {specific}")
    for kind, pairs in stated(transcripts).items():
        lost = sorted({specific for _, specific in pairs if specific.lower() not in text})
        if lost:
            print(f"lost, {kind.value}: {lost[:30]}")


def _yes(condition: bool) -> str:
    return "yes" if condition else "NO"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--transcripts", type=Path, help="JSON Lines of sessions, plain or gzipped (default: the demo's)"
    )
    parser.add_argument("--questions", type=Path, help='JSON Lines of {"question", "answer"}')
    parser.add_argument(
        "--store",
        type=Path,
        help="the store to dream over, as include/transcripts/demo_store.json (default: empty)",
    )
    parser.add_argument(
        "--limit",
        type=int,
        default=100,
        help="sessions to take, in the order of the file (default: 100, a dream's limit)",
    )
    parser.add_argument(
        "--show", action="store_true", help="also print lines alike, specifics lost, specifics made up"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
