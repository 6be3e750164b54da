"""Which run sees to what another has left of a member: a file that is cut holds up its own run only."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dreamflow import storage
from dreamflow.errors import StateError
from dreamflow.records.files import Records
from dreamflow.steps.holding import see_to


def world(*under_way: str) -> Any:
    return SimpleNamespace(
        pipeline=SimpleNamespace(dag_id="dream__support"),
        is_under_way=lambda _, run_id: run_id in under_way,
        has_shard_ended=lambda *_: False,
    )


@pytest.mark.parametrize(("under_way", "sees_to_it"), [((), None), (("night_2",), "night_2")])
def test_where_the_journal_of_who_saw_to_it_is_cut_airflow_tells_whether_it_still_does(
    tmp_path: Path, under_way: tuple[str, ...], sees_to_it: str | None
) -> None:
    records = Records(storage, f"file://{tmp_path}", "support")
    left = records.run("night_1")
    assert see_to(left, "night_2", world("night_2")) is None
    storage.write_text(f"{records.run('night_2').folder}/journal.json", '{"version": 1, "pip')
    assert see_to(left, "night_3", world(*under_way)) == sees_to_it


def test_where_airflow_is_not_asked_a_cut_journal_is_an_error(tmp_path: Path) -> None:
    records = Records(storage, f"file://{tmp_path}", "support")
    left = records.run("night_1")
    assert see_to(left, "night_2", world("night_2")) is None
    storage.write_text(f"{records.run('night_2').folder}/journal.json", '{"version": 1, "pip')
    with pytest.raises(StateError, match="night_2"):
        see_to(left, "night_1")


def test_a_claim_that_is_none_of_ours_is_an_error_and_no_wait(tmp_path: Path) -> None:
    records = Records(storage, f"file://{tmp_path}", "support")
    left = records.run("night_1")
    storage.write_text(f"{left.folder}/claim-1.json", "{}")
    with pytest.raises(StateError, match="claim-1"):
        see_to(left, "night_2", world())
