"""What is still found in an offline dream's store, beside the raw transcripts (``benchmarks.dream_quality``)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks._processes import PROJECT, BenchmarkError
from benchmarks._report import Printed

__all__ = ["run"]

#: Real sessions, where they lie beside the project; the demo's are always there.
_AIRLINE = PROJECT.parent / "shared" / "data" / "airline" / "sessions.jsonl.gz"


def run(quick: bool) -> Iterator[Printed]:
    yield Printed("quality: the demo's sessions", _measure())
    if _AIRLINE.exists() and not quick:
        yield Printed("quality: 100 real sessions, a dream's limit", _measure(_AIRLINE))


def _measure(transcripts: Path | None = None) -> str:
    """:raises BenchmarkError: the script failed."""
    options = ["--transcripts", str(transcripts)] if transcripts else []
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.dream_quality", *options],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise BenchmarkError(
            f"benchmarks.dream_quality: {' | '.join((ran.stderr or ran.stdout).strip().splitlines()[-3:])}"
        )
    return ran.stdout.strip()
