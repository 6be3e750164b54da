"""What a fleet's run keeps of its members."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dreamflow import storage
from dreamflow.core.fleet_review import MemberRow
from dreamflow.records.files import _RUN_FILES, Records, RunRecords
from dreamflow.records.journal import Answer

ROWS = [MemberRow(id=f"depl_{n}", name=f"support-{n}", verdict="clean", digest=str(n)) for n in range(3)]


@pytest.fixture
def run(tmp_path: Path) -> RunRecords:
    return Records(storage, f"file://{tmp_path}", "support").run("manual__1")


def noted(run: RunRecords) -> list[MemberRow]:
    return [row for name in run.noted_rows() if (row := run.read_noted(name))]


def test_rows_are_kept_by_shard(run: RunRecords) -> None:
    assert run.shards() == []
    run.write_rows(0, ROWS[:2])
    run.write_rows(1, ROWS[2:])
    assert run.shards() == [0, 1]
    assert [*run.read_rows(0), *run.read_rows(1)] == ROWS


def test_of_a_member_the_newest_note_stands_and_the_next_list_takes_its_place(run: RunRecords) -> None:
    run.write_rows(0, ROWS)
    for by in ("ada", "ben"):
        run.note_row(ROWS[0].model_copy(update={"state": "chosen", "by": by}))
    run.note_row(ROWS[1].model_copy(update={"state": "chosen", "by": "cy"}))
    assert [(row.id, row.by) for row in noted(run)] == [("depl_0", "ben"), ("depl_1", "cy")]
    run.write_rows(0, ROWS[:1])
    assert [row.id for row in noted(run)] == ["depl_1"]


def test_what_is_noted_while_the_list_is_made_is_not_lost(run: RunRecords) -> None:
    def made() -> object:
        yield ROWS[0]
        run.note_row(ROWS[0].model_copy(update={"state": "chosen", "by": "ada"}))

    run.write_rows(0, made())  # type: ignore[arg-type]
    assert [row.by for row in noted(run)] == ["ada"]


def test_all_of_it_goes_with_the_run_s_folder(run: RunRecords, tmp_path: Path) -> None:
    run.write_rows(12, ROWS)
    run.note_row(ROWS[0])
    run.take_answer(0, answer("ada"))
    names = [path.name for path in (tmp_path / "support" / "manual__1").iterdir()]
    assert len(names) == 3
    assert all(_RUN_FILES.fullmatch(name) for name in names)


def test_one_shards_answer_is_no_others(run: RunRecords) -> None:
    answer = Answer(decision="Reject", by="ada", at=datetime(2026, 11, 21, tzinfo=UTC))
    run.of_shard(1).note(answer=answer)
    assert run.of_shard(1).journal().answer == answer
    assert run.journal().answer is None
    assert run.of_shard(2).journal().answer is None


def answer(by: str) -> Answer:
    return Answer(decision="Reject", by=by, at=datetime(2026, 11, 21, tzinfo=UTC))


def test_of_two_answers_for_a_member_the_first_stands_until_it_is_taken_back(run: RunRecords) -> None:
    seen = run.own_answer(0)
    assert run.follow_answer(seen, 0, answer("ada"))
    assert not run.follow_answer(seen, 0, answer("ben"))
    assert run.own_answer(0).answer == answer("ada")
    assert run.follow_answer(run.own_answer(0), 0, None)
    assert run.own_answer(0).answer is None
    assert not run.follow_answer(seen, 0, answer("ben")), "what he saw was two answers ago"
    assert run.follow_answer(run.own_answer(0), 0, answer("ben"))
    assert run.own_answer(1).answer is None, "another life of the question knows of none"


def test_what_the_run_acts_on_stays_as_it_took_it(run: RunRecords) -> None:
    assert run.take_answer(0, None) is None
    seen = run.own_answer(0)
    assert run.take_answer(0, answer("ada")) == answer("ada")
    assert not run.follow_answer(seen, 0, answer("ben"))
    assert run.take_answer(0, answer("cy")) == answer("ada"), "a later try takes the same"
    run.drop_answer(0)
    assert run.follow_answer(run.own_answer(0), 0, answer("ben"))
    assert run.take_answer(0, answer("cy")) == answer("ben"), "its own comes before the rest's"
    assert run.own_answer(0).taken


def test_an_answer_that_an_earlier_release_noted_in_the_journal_stands_until_it_is_taken_back(
    run: RunRecords,
) -> None:
    run.note(answer=answer("ada"))
    assert run.own_answer(0).answer == answer("ada")
    assert run.own_answer(1).answer is None
    assert run.take_answer(0, answer("cy")) == answer("ada")
    run.drop_answer(0)
    assert run.own_answer(0).answer is None
    run.keep_answer(1, "")
    assert run.own_answer(1).answer is None


def test_an_answer_that_was_written_though_the_storage_says_no_is_ones_own(run: RunRecords) -> None:
    class TwiceAsked:
        """An object store whose client tried again: the first try was done, and its reply was lost."""

        def __getattr__(self, name: str) -> object:
            return getattr(storage, name)

        def create_text(self, uri: str, text: str) -> None:
            storage.create_text(uri, text)
            raise OSError("a precondition failed")

    there = Records(TwiceAsked(), run.records.location, "support").run("manual__1")  # type: ignore[arg-type]
    assert there.follow_answer(there.own_answer(0), 0, answer("ada"))
    assert run.own_answer(0).answer == answer("ada")


def test_the_newest_claim_counts_however_many_there_were_and_few_are_kept(
    run: RunRecords, tmp_path: Path
) -> None:
    assert run.claimed_by() == (0, "", None)
    for number in range(12):
        assert run.claim(number, f"night-{number}", number % 2)
        assert run.claimed_by() == (number + 1, f"night-{number}", number % 2)
        assert not run.claim(number, "somebody slower")
    names = sorted(path.name for path in (tmp_path / "support" / "manual__1").iterdir())
    assert names == ["claim-11.json", "claim-12.json"]


def test_who_has_seen_a_claim_of_long_ago_gets_none_by_it(run: RunRecords) -> None:
    seen = run.claimed_by()
    for number in range(5):
        assert run.claim(number, f"night-{number}")
    assert not run.claim(seen.number, "somebody slow")
    assert run.claimed_by().run == "night-4"
    assert run.claim(5, "night-5")
