"""What carrying many late writes asks of the service, and of the run's files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dreamflow.steps import sides
from tests.unit.running import night_of, write_late
from tests.unit.service import Service


def facts(name: str) -> str:
    return "".join(f"{name} says {n}\n" for n in range(4))


@pytest.mark.parametrize("kind", ["forward", "merge", "beside"])
def test_a_late_write_takes_three_requests_at_most(service: Service, location: str, kind: str) -> None:
    """Apart from those that list the two stores and their versions, and make the output the heir."""
    before = {f"/{n:02}.md": facts(str(n)) for n in range(40)}
    late = {path: text.replace("says 1", "said 1, late") for path, text in list(before.items())[:12]}
    dreamed = {"forward": "says x", "merge": "says 3", "beside": "says 1"}[kind]
    night = night_of(
        service, location, before, {path: text.replace(dreamed, "dreamed") for path, text in before.items()}
    )
    write_late(night, late)
    night.wire.requests.clear()
    result = night.carry()
    assert len(result) == 12
    heir, listings = 4, 5
    # The output's 40 bodies, 20 a page, instead of one after the other.
    pages = 0 if kind == "forward" else 2
    assert len(night.wire.requests) <= 3 * len(late) + heir + listings + pages


@pytest.mark.parametrize("dreamed", ["says x", "says 3"])
def test_a_late_rename_takes_three_requests_at_most(service: Service, location: str, dreamed: str) -> None:
    """Apart from the same, and from one that tells whether somebody else renamed something at the same moment."""
    before = {f"/{n:02}.md": facts(str(n)) for n in range(40)}
    night = night_of(
        service, location, before, {path: text.replace(dreamed, "dreamed") for path, text in before.items()}
    )
    for path, text in list(before.items())[:12]:
        service.rename(night.input_id, path, f"/moved{path}")
        if dreamed == "says 3":
            service.put(night.input_id, f"/moved{path}", text.replace("says 1", "said 1, late"))
    night.wire.requests.clear()
    night.carry()
    assert {note.how for note in night.run.journal().late} == {"moved"}
    heir, listings, pages, renames = 4, 5, 2, 1
    assert len(night.wire.requests) <= 3 * 12 + heir + listings + pages + renames


def test_merged_texts_are_in_files_of_a_bounded_size_which_are_gone_once_they_are_written(
    service: Service, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {f"/{n}.md": facts(str(n)) for n in range(6)} | {"/index.md": "# Index\n"}
    late = {path: text.replace("says 1", "late").replace("says 2", "late") for path, text in before.items()}
    reviewed = {path: text.replace("says 1", "dreamed") for path, text in before.items()}
    night = night_of(service, location, before, reviewed)
    write_late(night, {path: late[path] for path in sorted(late) if path != "/index.md"})
    monkeypatch.setattr(sides, "CHUNK_BYTES", 300)
    folder = tmp_path / "reports" / "support" / "manual__1"
    seen: set[str] = set()

    def look(number: int, request: object) -> None:
        seen.update(path.name for path in folder.iterdir())

    night.wire.before = look
    night.carry()
    assert {"plan.json", "plan-2.json", "plan-3.json"} <= seen
    assert not list(folder.glob("plan-*.json"))
    assert json.loads((folder / "plan.json").read_text())["pending"] is None
    held = service.contents(night.output_id)
    assert len(held) == 13
    assert all(f"(/late/{n}.md)" in held["/index.md"] for n in range(6))
