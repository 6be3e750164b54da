"""``sources.json``: a year later, whoever has the run's files alone can tell what each new line rested on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks.dream_quality import DEMO
from dreamflow import storage
from dreamflow.steps.review import current
from tests.support.planted import AMOUNT, invented_flight_number
from tests.unit.dreamed import reviewed
from tests.unit.evidence import demo
from tests.unit.running import Night
from tests.unit.service import Service


def kept(night: Night) -> dict[str, Any]:
    """Return what the file says, as a program reads it that knows nothing of Dreamflow."""
    found: dict[str, Any] = json.loads(storage.read_text(f"{night.run.folder}/sources.json"))
    return found


def forget(service: Service, night: Night) -> None:
    """Let sessions and stores be gone."""
    for session_id in night.run.journal().dreams[-1].session_ids:
        service.client.beta.sessions.delete(session_id)
    for store_id in (night.input_id, night.output_id):
        service.client.beta.memory_stores.delete(store_id)


def test_each_specific_of_each_new_line_is_kept_with_who_said_it_when_and_in_which_words(
    service: Service, tmp_path: Path
) -> None:
    sessions, before, after = demo()
    night, review = reviewed(service, tmp_path, DEMO, before, after)
    names = dict(zip(night.run.journal().dreams[-1].session_ids, sessions, strict=True))
    forget(service, night)

    found = kept(night)
    assert (found["version"], found["digest"], found["is_whole"]) == (1, review.digest, True)
    assert found["lines"].keys() <= {change.path for change in review.changes}
    for path, rows in found["lines"].items():
        lines, old = after[path].split("\n"), set(before.get(path, "").split("\n"))
        for row in rows:
            assert row["how"] == "said"
            assert lines[row["line"] - 1] not in old
            place = row["said"]
            if "session_id" in place:
                assert place["event_id"] and place["at"]
                texts = [" ".join(f"{one.text}".split()) for one in names[place["session_id"]].messages]
                assert place["role"] == "tool" or any(place.get("quote", "") in text for text in texts)
            else:
                assert place["line"] and place["quote"] in " ".join(before[place["path"]].split())
        amounts = {amount[0] for line in lines if line not in old for amount in AMOUNT.finditer(line)}
        assert amounts <= {row["what"] for row in rows}

    page = storage.read_text(night.run.report_uri)
    said = [row["said"] for row in found["lines"]["/policies/refunds.md"] if "£" in row["what"]]
    assert said and all(place["event_id"] in page and place["session_id"] in page for place in said)


def test_what_rests_on_nothing_says_so_and_an_edit_takes_it_away(service: Service, tmp_path: Path) -> None:
    _, before, after = demo()
    planted = invented_flight_number(after)
    (expected,) = planted.expected
    (path,) = expected.paths
    night, _ = reviewed(service, tmp_path, DEMO, before, planted.contents)
    rows = [row for row in kept(night)["lines"][path] if row["what"] == expected.what]
    assert [(row["line"], row["how"]) for row in rows] == [(expected.line, "nowhere")]

    service.put(night.output_id, path, after[path])
    review = current(night.world, night.run)
    found = kept(night)
    assert found["digest"] == review.digest
    assert expected.what not in json.dumps(found)


@pytest.mark.parametrize("count", [30_000])
def test_of_very_many_so_many_are_kept_as_a_few_megabytes_hold(
    service: Service, tmp_path: Path, count: int
) -> None:
    _, before, after = demo()
    each = count // 10
    many = {
        f"/parcels/{n}.md": "".join(f"Parcel QX-{70000 + n * each + m} left.\n" for m in range(each))
        for n in range(10)
    }
    night, review = reviewed(service, tmp_path, DEMO, before, after | many)
    found = kept(night)
    assert not found["is_whole"]
    assert sum(map(len, found["lines"].values())) == 5_000
    for name in ("sources.json", "review.json", "review.html"):
        assert len(storage.read_text(f"{night.run.folder}/{name}").encode()) < 5_000_000
    assert "There are more specifics in new lines" in storage.read_text(night.run.report_uri)
    # What nothing says is counted, though it is not kept line by line.
    assert review.score.ungrounded >= count


def test_words_around_hold_no_secret(service: Service, tmp_path: Path) -> None:
    _, before, after = demo()
    key = "sk-ant-api03-" + "aB3dE5gH7jK9" * 8
    spoilt = {**before, "/keys.md": f"The API key of order 48190 is {key}\n"}
    night, _ = reviewed(service, tmp_path, DEMO, spoilt, {**after, "/new.md": f"Order 48190: {key}\n"})
    text = storage.read_text(f"{night.run.folder}/sources.json")
    assert "48190" in text
    assert not re.search(key[20:40], text)
