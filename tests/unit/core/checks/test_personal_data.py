"""``personal_data``: what a dream newly says of a person is found, and shown in part only."""

from __future__ import annotations

import pytest

from dreamflow.core.checks.personal_data import PersonalData
from dreamflow.core.personal import personal_in
from tests.unit.core.checks.examining import checked
from tests.unit.evidence import findings

PERSONAL = {
    "hannah.brandt@example.com": "e-mail address",
    "+44 20 7946 0812": "telephone number",
    "4111 1111 1111 1111": "card number",
    "DE89 3704 0044 0532 0130 00": "bank account",
    "975 Sunset Drive": "postal address",
    "Hauptstraße 12": "postal address",
}


@pytest.mark.parametrize("value", PERSONAL)
def test_what_is_new_is_found_and_half_shown(value: str) -> None:
    findings = checked(PersonalData, {"/a.md": "one\n"}, {"/a.md": f"one\nReach her at {value}, she said.\n"})
    assert [(f.severity, f.line) for f in findings] == [("flag", 2)]
    assert PERSONAL[value] in findings[0].message
    assert value not in findings[0].message


@pytest.mark.parametrize(
    ("first", "second"),
    [("+49 170 1234567", "+49 170 7654321"), ("johanna.smith@example.com", "john.miller@example.com")],
)
def test_what_looks_alike_as_it_is_shown_is_ticked_one_by_one(first: str, second: str) -> None:
    both = checked(PersonalData, {}, {"/a.md": f"Call {first}.\nCall {second}.\n"})
    assert len({finding.id for finding in both}) == 2
    assert {one.id for one in checked(PersonalData, {}, {"/a.md": f"Call {first}.\n"})} != {
        one.id for one in checked(PersonalData, {}, {"/a.md": f"Call {second}.\n"})
    }


@pytest.mark.parametrize("value", PERSONAL)
def test_what_the_memory_held_is_not_new(value: str) -> None:
    before, after = f"Anna: {value}\n", f"Reach Anna at {value}, she said.\n"
    assert not checked(PersonalData, {"/a.md": before}, {"/a.md": after})


@pytest.mark.parametrize("value", PERSONAL)
def test_what_another_memory_held_is_not_new(value: str) -> None:
    before = {"/anna.md": f"Anna: {value}\n"}
    assert not findings([PersonalData], [], before, before | {"/a.md": f"Reach Anna at {value}, she said.\n"})


@pytest.mark.parametrize("value", ["157 Willow Lane", "Hauptstraße 12"])
def test_an_address_is_new_whatever_else_has_the_number_of_its_house(value: str) -> None:
    before = {
        "/fares.md": "The fare is $157 for 12 of 157.\n",
        "/ways.md": "Willow Lane, and Hauptstraße 15\n",
    }
    (found,) = findings([PersonalData], [], before, before | {"/a.md": f"Anna lives at {value}.\n"})
    assert (found.path, found.line) == ("/a.md", 1)
    assert "postal address" in found.message


@pytest.mark.parametrize(
    "line",
    [
        "Order W2890441, order 88213, reservation HATHAT, flight HAT204 on 2024-05-20 at 18:00",
        "Order 4111111111111112 for $1,200.00, tracking NF778120045GB",
        "Session sesn_011CZabc456 read memstore_01HZX3 on 2026-11-03T10:22:33Z, 12,000,000 bytes",
        "Version 10.2.3.4 of the X200, batch B-1026, 24 months, @tom in Slack",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_numbers_of_things_are_no_personal_data(line: str) -> None:
    assert list(personal_in(line)) == []
