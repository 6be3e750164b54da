"""Where a store came from, in its own metadata."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.lineage import (
    METADATA_LIMIT,
    PREFIX,
    Lineage,
    adopted_metadata,
    check_room,
    read_lineage,
)
from dreamflow.errors import StateError
from tests.unit.support import at, store

LINEAGE = Lineage("support", "memstore_1", "drm_1", "manual__1", at(0), at(5), "Ada")
MOMENTS = st.datetimes(timezones=st.just(UTC))
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=512)
OWN_PAIRS = st.dictionaries(st.text("abc_", min_size=1, max_size=9), WORDS, max_size=8)


@given(
    st.builds(
        Lineage,
        WORDS,
        WORDS,
        WORDS,
        WORDS,
        st.none() | MOMENTS,
        MOMENTS,
        WORDS,
        content=st.none() | WORDS,
        scope=WORDS,
        origin=WORDS,
    )
)
def test_lineage_comes_back_from_metadata_as_it_was_written(lineage: Lineage) -> None:
    assert read_lineage(store(**lineage.pairs())) == lineage


def test_every_pair_fits_what_a_value_can_hold() -> None:
    pairs = replace(LINEAGE, run="r" * 2000, adopted_by="é" * 2000).pairs()
    assert all(len(value) <= 512 for value in pairs.values())
    assert all(key.startswith(PREFIX) and len(key) <= 64 for key in pairs)


def test_a_store_that_dreamflow_did_not_adopt_has_no_lineage() -> None:
    assert read_lineage(store()) is None
    assert read_lineage(store(team="support", dreamflow_pipeline="support")) is None


def test_lineage_that_somebody_broke_is_named_and_not_guessed() -> None:
    broken = store(**{**LINEAGE.pairs(), "dreamflow_adopted_at": "last night"})
    with pytest.raises(StateError, match=r"memstore_1.*dreamflow_.*last night"):
        read_lineage(broken)


@pytest.mark.parametrize("moment", ["2026-11-20", "2026-11-20T12:00:00"])
def test_a_moment_that_was_corrected_by_hand_without_a_zone_is_taken_as_utc_or_refused(moment: str) -> None:
    edited = store(**{**LINEAGE.pairs(), "dreamflow_through": moment})
    try:
        lineage = read_lineage(edited)
    except StateError:
        return
    assert lineage is not None
    assert lineage.through is not None
    assert lineage.through.tzinfo is not None


@given(OWN_PAIRS, st.dictionaries(st.text("abcd_", min_size=1, max_size=9), WORDS, max_size=8), st.booleans())
def test_an_heir_has_the_parents_pairs_and_its_own_lineage_and_nothing_else(
    own: dict[str, str], brought: dict[str, str], cloned: bool
) -> None:
    older = replace(LINEAGE, parent="memstore_0", dream="drm_0", content="memstore_x")
    parent = store("memstore_1", **own, **older.pairs())
    output = {**brought, **(older.pairs() if cloned else {})}
    update = adopted_metadata(parent, output, LINEAGE)
    merged = {**output, **update}
    assert {key: value for key, value in merged.items() if value is not None} == {**own, **LINEAGE.pairs()}


@given(st.integers(0, METADATA_LIMIT))
def test_whether_an_heir_fits_is_known_before_anything_is_spent(own_pairs: int) -> None:
    parent = store(**{f"key{i}": "x" for i in range(own_pairs)}, dreamflow_parent="memstore_0")
    full = replace(LINEAGE, content="memstore_0", scope="workspace", origin="memstore_0")
    fits = len(adopted_metadata(parent, {}, full)) <= METADATA_LIMIT
    if fits:
        check_room(parent)
    else:
        with pytest.raises(
            StateError, match=rf"memstore_1.*Remove {own_pairs + 10 - METADATA_LIMIT} or more"
        ):
            check_room(parent)
