"""What the targets say is live."""

from __future__ import annotations

from itertools import product

import pytest

from dreamflow.core.lineage import Lineage
from dreamflow.core.swap import Agreed, Interrupted, TargetState, judge_targets
from dreamflow.errors import TargetsDisagree
from tests.unit.support import at

#: Store A was replaced by B, and B by C; X has nothing to do with them; Y has another pipeline's lineage.
PARENTS = {"B": "A", "C": "B", "Y": "X"}


def lineage_of(store_id: str) -> Lineage | None:
    parent = PARENTS.get(store_id)
    return Lineage("support", parent, "drm_1", "run", at(0), at(1), "Ada") if parent else None


def states(*store_ids: str) -> list[TargetState]:
    return [TargetState(f"target {i}", store_id) for i, store_id in enumerate(store_ids)]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_targets_that_agree_need_no_lineage(count: int) -> None:
    def unasked(store_id: str) -> Lineage | None:
        pytest.fail(f"the lineage of {store_id} was looked up")

    assert judge_targets(states(*"A" * count), unasked) == Agreed("A")


@pytest.mark.parametrize("named", list(product("ABCXY", repeat=3)))
def test_a_swap_is_settled_only_where_one_store_is_the_parent_of_the_other(named: tuple[str, ...]) -> None:
    live, others = named[0], set(named) - {named[0]}
    related = [other for other in others if PARENTS.get(live) == other or PARENTS.get(other) == live]
    if not others:
        assert judge_targets(states(*named), lineage_of) == Agreed(live)
    elif len(others) == 1 and related:
        verdict = judge_targets(states(*named), lineage_of)
        assert isinstance(verdict, Interrupted)
        assert verdict.live == live, "the first target is the truth"
        assert verdict.stray == related[0]
        assert verdict.forward == (PARENTS.get(live) == related[0])
        assert [named[i] == live for i in range(3)] == [i not in verdict.behind for i in range(3)]
    else:
        with pytest.raises(TargetsDisagree) as raised:
            judge_targets(states(*named), lineage_of)
        for i, store_id in enumerate(named):
            assert f"target {i} names {store_id}" in str(raised.value)
