"""``import``: read the whole file first, then upload it in batches."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from pydantic import ValidationError

from include.managed_agents.cli.client import Client
from include.managed_agents.cli.errors import CommandError
from include.managed_agents.cli.progress import progress
from include.managed_agents.control.transcripts import EXPECTED, Transcript
from include.managed_agents.decoding import NotJson, NotKeepable, decode
from include.managed_agents.reading import describe

__all__ = ["import_file", "read_transcripts"]

BATCH_SESSIONS = 100
BATCH_BYTES = 4 * 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"


def import_file(options: argparse.Namespace) -> int:
    path = Path(options.file)
    with progress(f"checking {path.name}") as advance:
        total = 0
        for _ in read_transcripts(path):
            total += 1
            advance()
    made = 0
    with Client(options.url, options.api_key) as client, progress("importing sessions", total) as advance:
        for batch in batches(line for _, line in read_transcripts(path)):
            body = {
                "transcripts": [json.loads(line) for line in batch],
                "agent_id": options.agent,
                "memory_store_id": options.memory_store,
            }
            for imported in client.post("/_control/sessions/import", body)["data"]:
                made += imported["created"]
                print(imported["session_id"], flush=True)  # noqa: T201
                advance()
    known = f", {total - made} of them known already" if made < total else ""
    print(f"imported {total} sessions{known}", file=sys.stderr)  # noqa: T201
    return 0


def read_transcripts(path: Path) -> Iterator[tuple[int, bytes]]:
    """
    Yield each transcript's line with its number, once it has been checked.

    :raises CommandError: naming the file, the line, and what was expected there.
    """
    for number, line in numbered_lines(path):
        if line.strip():
            check_line(path, number, line)
            yield number, line


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP_MAGIC
            file.seek(0)
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else file
            yield from enumerate(stream, start=1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CommandError(f"{path}: the gzip file is damaged: {error}") from error
    except OSError as error:
        raise CommandError(f"{path}: can't be read: {error.strerror or error}") from error


def check_line(path: Path, number: int, line: bytes) -> None:
    where = f"{path}: line {number}"
    try:
        content: Any = decode(line)
    except NotJson as error:
        raise CommandError(f"{where}: not JSON ({error}); expected one session a line: {EXPECTED}") from error
    except NotKeepable as error:
        raise CommandError(f"{where}: {error}; expected what any JSON reader can be shown again") from error
    if not isinstance(content, dict):
        raise CommandError(f"{where}: not an object; expected one session a line: {EXPECTED}")
    try:
        Transcript.model_validate(content)
    except ValidationError as error:
        raise CommandError(f"{where}: {describe(error)}; expected {EXPECTED}") from error


def batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        if batch and (len(batch) == BATCH_SESSIONS or size + len(line) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield batch
