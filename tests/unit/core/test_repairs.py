"""What is done about what an earlier run left, as a plan."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from dreamflow.core.lineage import Lineage
from dreamflow.core.objects import Dream
from dreamflow.core.repairs import (
    Announce,
    Archive,
    Cancel,
    Close,
    Leave,
    Retire,
    RunState,
    plan_repairs,
)
from tests.unit.support import at, dream

LINEAGE = Lineage("support", "memstore_1", "drm_1", "run", at(0), at(1), "Ada")
STATUSES = ("pending", "running", "completed", "failed", "canceled")


def made(dream_id: str = "drm_1", status: str = "completed", output: str | None = "memstore_2") -> Dream:
    return dream(dream_id, status, output_store_id=output)


def left(*dreams: Dream, **more: Any) -> RunState:
    own = dreams[0] if dreams else None
    known: dict[str, Any] = {"own_id": own and own.id, "output_id": own and own.output_store_id}
    return RunState("manual__1", dreams, **{**known, **more})


def test_a_run_that_left_nothing_is_closed() -> None:
    assert plan_repairs(left()) == (Close("settled"),)


@pytest.mark.parametrize("status", ["completed", "failed", "canceled"])
def test_a_store_that_no_run_will_use_is_archived_however_its_dream_ended(status: str) -> None:
    assert plan_repairs(left(made(status=status))) == (Archive("memstore_2"), Close("settled"))


def test_so_is_one_whose_dream_is_gone() -> None:
    assert plan_repairs(left(output_id="memstore_2")) == (Archive("memstore_2"), Close("settled"))


def test_an_adopted_run_has_its_old_store_retired_which_closes_it() -> None:
    state = left(made(), is_adopted=True, lineage=LINEAGE)
    assert plan_repairs(state) == (Retire("memstore_1"),)


def test_an_adoption_of_which_nobody_was_told_is_told_first() -> None:
    state = left(made(), is_adopted=True, lineage=LINEAGE, was_announced=False)
    assert plan_repairs(state) == (Announce(), Retire("memstore_1"))


def test_one_that_was_adopted_by_hand_is_left_for_a_person() -> None:
    (repair,) = plan_repairs(left(made(), is_adopted=True))
    assert isinstance(repair, Leave)
    assert "memstore_2 was adopted by hand" in repair.why


@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_run_whose_dream_is_in_flight_is_left(status: str) -> None:
    assert plan_repairs(left(made(status=status, output=None))) == (
        Leave(f"its dream drm_1 is still {status}"),
    )


def test_a_second_dream_is_canceled_and_what_it_made_archived_before_anything_else() -> None:
    other = made("drm_2", "running", "memstore_3")
    adopted = left(made(), other, is_adopted=True, lineage=LINEAGE)
    assert plan_repairs(adopted) == (Cancel("drm_2"), Archive("memstore_3"), Retire("memstore_1"))
    assert plan_repairs(left(made(), other))[:2] == (Cancel("drm_2"), Archive("memstore_3"))


def test_where_the_run_died_before_it_knew_its_dream_every_dream_is_its_own() -> None:
    first, second = made(), made("drm_2", output="memstore_3")
    state = left(first, second, own_id=None)
    assert plan_repairs(state) == (Archive("memstore_2"), Archive("memstore_3"), Close("settled"))
    running = left(first, made("drm_2", "running", None), own_id=None)
    assert plan_repairs(running) == (Leave("its dream drm_2 is still running"),)


def test_a_dream_that_was_told_to_write_into_its_input_leaves_no_store_to_archive() -> None:
    state = left(made(output="memstore_1"), output_id=None)
    assert plan_repairs(state) == (Close("settled"),)


@pytest.mark.parametrize(("first", "second"), list(product(STATUSES, STATUSES)))
@pytest.mark.parametrize("is_adopted", [True, False])
def test_a_run_is_never_closed_while_a_dream_or_a_store_of_it_is_unaccounted_for(
    first: str, second: str, is_adopted: bool
) -> None:
    dreams = made(status=first), made("drm_2", second, "memstore_3")
    repairs = plan_repairs(left(*dreams, is_adopted=is_adopted, lineage=LINEAGE if is_adopted else None))
    ends = [repair for repair in repairs if isinstance(repair, Close | Retire | Leave)]
    assert ends == [repairs[-1]]
    if isinstance(repairs[-1], Leave):
        return
    archived = {repair.store_id for repair in repairs if isinstance(repair, Archive)}
    canceled = {repair.dream_id for repair in repairs if isinstance(repair, Cancel)}
    assert archived == {"memstore_3"} | (set() if is_adopted else {"memstore_2"})
    assert canceled == {"drm_2"} & {d.id for d in dreams if d.status in ("pending", "running")}
