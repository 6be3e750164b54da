"""A late write reaches the memory that it was made to, and no other that happens to say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.going_back import going_back
from tests.unit.running import Night, night_of
from tests.unit.service import Service

ZETA = {"/zeta.md": "Deliver on Fridays only.\nzeta.\n"}
ZETA_DREAMED = {"/zeta.md": "Deliver on Fridays only.\nzeta, a good one.\n"}
HEAD = "# Customer\nPays within 30 days.\n"


def carried(
    service: Service,
    location: str,
    before: Mapping[str, str],
    dreamed: Mapping[str, str],
    late: Mapping[str, str | None],
    **more: Any,
) -> tuple[dict[str, str], Night]:
    night = night_of(service, location, dict(before), dict(dreamed), late=dict(late), **more)
    night.carry()
    return service.contents(night.output_id), night


def test_an_edit_of_a_line_leaves_the_same_line_of_another_memory(service: Service, location: str) -> None:
    held, night = carried(
        service,
        location,
        {"/acme.md": "ACME notes start here.\nDeliver on Fridays only.\n", **ZETA},
        {"/acme.md": "ACME notes start here.\nFriday is the day of delivery for them.\n", **ZETA_DREAMED},
        {"/acme.md": "ACME notes start here.\nDeliver on Mondays only.\n"},
    )
    assert held["/zeta.md"] == ZETA_DREAMED["/zeta.md"]
    assert "Deliver on Mondays only." in held["/late/acme.md"]
    (note,) = night.run.journal().late
    assert (note.path, note.into, note.late_path) == ("/acme.md", (), "/late/acme.md")


def test_a_removed_line_stays_in_another_memory(service: Service, location: str) -> None:
    held, _ = carried(
        service,
        location,
        {"/acme.md": "Deliver on Fridays only.\nacme likes tea and biscuits.\n", **ZETA},
        ZETA_DREAMED,
        {"/acme.md": "acme likes tea and biscuits.\n"},
    )
    assert held["/zeta.md"] == ZETA_DREAMED["/zeta.md"]


def test_what_is_new_of_one_is_not_said_of_another(service: Service, location: str) -> None:
    held, _ = carried(
        service,
        location,
        {"/acme.md": HEAD, "/zeta.md": f"{HEAD}Likes tea.\n"},
        {"/zeta.md": f"{HEAD}Likes tea and coffee.\n"},
        {"/acme.md": f"{HEAD}Has gone bankrupt, do not deliver any more.\n"},
    )
    assert held["/zeta.md"] == f"{HEAD}Likes tea and coffee.\n"
    assert "Has gone bankrupt, do not deliver any more." in held["/late/acme.md"]


def test_nor_where_both_were_renamed_and_edited(service: Service, location: str) -> None:
    held, _ = carried(
        service,
        location,
        {"/acme.md": f"{HEAD}Likes cake.\n", "/zeta.md": f"{HEAD}Likes tea.\n"},
        {"/customers/zeta.md": f"{HEAD}Likes tea and coffee.\n"},
        {"/acme.md": f"{HEAD}Likes cake.\nHas gone bankrupt, do not deliver any more.\n"},
    )
    assert "bankrupt" not in held["/customers/zeta.md"]


def test_nor_where_both_changed_the_shared_line_late(service: Service, location: str) -> None:
    held, _ = carried(
        service,
        location,
        {"/acme.md": "acme\nDeliver on Fridays only.\n", **ZETA},
        {"/acme.md": "acme\nFriday is the day of delivery for them.\n", **ZETA_DREAMED},
        {"/acme.md": "acme\nDeliver on Mondays only.\n", "/zeta.md": "Deliver on Tuesdays only.\nzeta.\n"},
    )
    assert held["/zeta.md"] == "Deliver on Tuesdays only.\nzeta, a good one.\n"
    assert "Deliver on Mondays only." in held["/late/acme.md"]


def test_a_protected_memory_is_changed_by_its_own_writers_alone(service: Service, location: str) -> None:
    rule, desk = "Refunds above £100 need a manager.\n", "acme's desk is in Leeds.\n"
    dreamed = {"/acme.md": desk, "/policies/refunds.md": f"{rule}see also y\n"}
    held, _ = carried(
        service,
        location,
        {"/acme.md": desk + rule},
        dreamed,
        {"/acme.md": f"{desk}Refunds above £100 need nobody, said the customer.\n"},
        settings={"checks": {"protect": ["/policies/**"]}},
    )
    assert held["/policies/refunds.md"] == dreamed["/policies/refunds.md"]


def test_a_line_that_the_dream_moved_is_followed_and_both_places_are_told(
    service: Service, location: str
) -> None:
    held, night = carried(
        service,
        location,
        {"/acme.md": "acme's desk is in Leeds.\nDeliver on Fridays only.\n"},
        {"/acme.md": "acme's desk is in Leeds.\n", "/deliveries.md": "Deliver on Fridays only.\n"},
        {"/acme.md": "acme's desk is in Leeds.\nDeliver on Mondays only.\n"},
    )
    assert held["/deliveries.md"] == "Deliver on Mondays only.\n"
    (note,) = night.run.journal().late
    assert (note.path, note.into, note.how) == ("/acme.md", ("/deliveries.md",), "merged")


def test_a_page_names_the_memory_that_was_written_to(service: Service, location: str) -> None:
    held, _ = carried(
        service,
        location,
        {
            "/acme.md": "Customer since 2019.\nInvoices are paid within 30 days.\nContact is Ann.\n",
            "/zeta.md": "Customer since 2021.\nInvoices are paid within 30 days, always.\nContact is Zoe.\n",
        },
        {"/zeta.md": "Customer since 2021.\nInvoices are paid within 30 days, always.\nPrefers mail.\n"},
        {"/acme.md": "Customer since 2019.\nInvoices are paid within 90 days.\nContact is Bob.\n"},
    )
    assert "/acme.md" in held["/late/acme.md"]


def test_a_restore_carries_it_to_its_own_memory_too(service: Service, location: str) -> None:
    dreamed = {"/zeta.md": f"{HEAD}coffee\n", "/acme.md": HEAD}
    night = night_of(service, location, {"/zeta.md": f"{HEAD}tea\n"}, dreamed)
    night.adopt()
    night.retire()
    service.put(night.output_id, "/acme.md", f"{HEAD}Has gone bankrupt, do not deliver.\n")
    back = going_back(night).adopt()
    assert "bankrupt" not in service.contents(back.clone_id)["/zeta.md"]


PHONE = "- Her private phone number is 030 1234567.\n"
ANNA = "# Anna\n- Anna prefers aisle seats on long flights.\n"


@pytest.mark.parametrize("dreamed", [ANNA, ANNA.replace("# Anna", "# Anna Meier")])
def test_a_line_that_its_writer_takes_out_goes_where_the_dream_has_put_it(
    service: Service, location: str, dreamed: str
) -> None:
    """She asked for it: that the dream has moved the line must not keep it."""
    held, night = carried(
        service,
        location,
        {"/anna.md": ANNA + PHONE},
        {"/anna.md": dreamed, "/phones.md": f"# Phones\n{PHONE}"},
        {"/anna.md": ANNA},
    )
    assert held == {"/anna.md": dreamed, "/phones.md": "# Phones\n"}
    (note,) = night.run.journal().late
    assert (note.how, note.into, note.late_path) == ("merged", ("/phones.md",), None)


def test_a_line_that_both_took_out_is_no_matter_where_it_stands_nowhere_else(
    service: Service, location: str
) -> None:
    held, night = carried(
        service, location, {"/anna.md": ANNA + PHONE}, {"/anna.md": ANNA}, {"/anna.md": ANNA}
    )
    assert held == {"/anna.md": ANNA}
    assert [(note.how, note.late_path) for note in night.run.journal().late] == [("same", None)]


def test_of_two_copies_one_stays_where_the_dream_took_out_the_one_and_a_writer_the_other(
    service: Service, location: str
) -> None:
    held, night = carried(
        service,
        location,
        {"/anna.md": ANNA, "/customers/anna.md": ANNA},
        {"/anna.md": ANNA},
        {"/anna.md": None},
    )
    assert list(held.values()) == [ANNA]
    (note,) = night.run.journal().late
    assert note.how == "same"
    assert "another copy" in note.why


@pytest.mark.parametrize("others", [{}, {"/b.md": ANNA}])
def test_a_copy_that_only_its_writer_takes_out_goes(
    service: Service, location: str, others: dict[str, str]
) -> None:
    held, _ = carried(
        service, location, {"/anna.md": ANNA, **others}, {"/anna.md": ANNA, **others}, {"/anna.md": None}
    )
    assert held == others


SEATS = "# Seats\n- Row 14 has no window on the left.\n"
AISLE = "- Anna prefers aisle seats on long flights.\n"


@pytest.mark.parametrize("now", ["# Anna\n- flies\n", "# Anna\n"])
@pytest.mark.parametrize("dreamed", [ANNA + "- flies\n", ANNA + "- flies often\n"])
def test_a_line_stays_beside_of_which_dream_and_writer_each_took_out_a_copy(
    service: Service, location: str, dreamed: str, now: str
) -> None:
    held, _ = carried(
        service,
        location,
        {"/anna.md": ANNA + "- flies\n", "/seats.md": SEATS + AISLE},
        {"/anna.md": dreamed, "/seats.md": SEATS},
        {"/anna.md": now},
    )
    assert AISLE not in held["/anna.md"] + held["/seats.md"]
    assert AISLE in held["/late/anna.md"]
    assert "'/seats.md'" in held["/late/anna.md"]


def test_a_line_that_the_dream_moved_is_not_kept_beside_too(service: Service, location: str) -> None:
    held, _ = carried(
        service,
        location,
        {"/anna.md": ANNA + "- flies\n", "/seats.md": SEATS + AISLE},
        {"/anna.md": ANNA + "- flies\n", "/rows.md": SEATS, "/people.md": "# People\n" + AISLE},
        {"/anna.md": "# Anna\n- flies\n"},
    )
    assert held == {"/anna.md": "# Anna\n- flies\n", "/rows.md": SEATS, "/people.md": "# People\n" + AISLE}
