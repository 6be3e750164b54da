"""What new lines rest on, and what removed lines lose: on the demo's dream, and on lines with a planted mistake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dreamflow.core.checks.check import Read
from dreamflow.core.checks.lost import Lost
from dreamflow.core.checks.single_source import SingleSource
from dreamflow.core.checks.still_read import StillRead
from dreamflow.core.checks.ungrounded import Ungrounded
from dreamflow.core.review import Finding
from include.managed_agents.dreams.engine import Message, Transcript
from tests.unit.evidence import demo, findings

CHECKS = (Ungrounded, Lost, SingleSource, StillRead)
DAY = datetime(2024, 5, 15, 9, tzinfo=UTC)  # a Wednesday


def talk(name: str, *said: str, role: str = "user", day: int = 0) -> Transcript:
    start = DAY + timedelta(days=day)
    return Transcript(name, None, start, tuple(Message(role, text, start) for text in said))


def unsaid(line: str, *sessions: Transcript, before: str = "", path: str = "/notes.md") -> list[str]:
    """Return what a new line says that nothing says."""
    found = findings([Ungrounded], sessions, {"/old.md": before}, {"/old.md": before, path: line})
    return [evidence.what for finding in found for evidence in finding.evidence]


def spoilt(line: str, instead: str) -> list[Finding]:
    """Return what is found in the demo's dream with one line spoilt."""
    sessions, before, after = demo()
    assert any(line in text for text in after.values()), "the demo's dream no longer says it"
    return findings(
        CHECKS, sessions, before, {path: text.replace(line, instead) for path, text in after.items()}
    )


def test_the_demos_own_dream_gives_no_findings() -> None:
    assert findings(CHECKS, *demo()) == []


@pytest.mark.parametrize(
    ("line", "instead", "what"),
    [
        ("Replacements from B-1026", "Replacements from B-1027", "B-1027"),
        ("customers choose refund of £34.90", "customers choose refund of £43.90", "£43.90"),
        ("until 2027-01-15", "until 2027-02-15", "2027-02-15"),
        ("extension 4429.", "extension 4492.", "4492"),
        ("ops-weekly@example.com every", "ops-monthly@example.com every", "ops-monthly@example.com"),
    ],
)
def test_a_planted_mistake_in_a_true_sentence_is_named(line: str, instead: str, what: str) -> None:
    found = [finding for finding in spoilt(line, instead) if finding.check == "ungrounded"]
    assert found
    assert all(finding.severity == "flag" and f"“{what}”" in finding.message for finding in found)
    assert {(row.what, row.session_id, row.path) for finding in found for row in finding.evidence} == {
        (what, "", "")
    }


def test_an_amount_that_only_another_session_says_is_found_by_its_company() -> None:
    sessions = [
        talk("a", "Mia Li, booking NO6JO3: the fare to Seattle is $121 in economy."),
        talk("b", "The upgrade of Ivan Muller, booking G72NSF, is $137."),
        *(talk(f"s{n}", f"Nothing new about topic {n}.") for n in range(8)),
    ]
    (found,) = findings(
        [Ungrounded], sessions, {}, {"/mia.md": "Mia Li, booking NO6JO3: fare to Seattle $137, economy"}
    )
    assert "said only in sessions that share nothing else with the line" in found.message
    assert [(row.what, row.session_id) for row in found.evidence] == [("$137", "b")]
    assert not unsaid("Mia Li, booking NO6JO3: fare to Seattle $121, economy", *sessions)


def test_an_amount_that_no_session_says_which_the_line_names_is_found_however_alike_they_are() -> None:
    sessions = [
        talk("talk-17", "Mia Li wants the Seattle flight in economy: it is $121."),
        talk("talk-18", "Mia Li wants the Boston flight in economy: it is $137."),
    ]
    (found,) = findings(
        [Ungrounded], sessions, {}, {"/mia.md": "Mia Li: Seattle flight, economy, $137 (talk-17)"}
    )
    assert "“$137”: said in no session that the line names." in found.message
    assert [(row.what, row.session_id) for row in found.evidence] == [("$137", "talk-18")]
    for line in (
        "Mia Li: Seattle flight, economy, $121 (talk-17)",
        "Mia Li: economy, Seattle $121, Boston $137 (talk-17, talk-18)",
        "Mia Li: Boston flight, economy, $137 (talk-17, sesn_01Kq of an earlier night)",
    ):
        assert not unsaid(line, *sessions, before="Mia Li wrote (sesn_01Kq)")


FEES = {
    "/carriers/bluevan.md": "# BlueVan\n\nTakes £7.40 a parcel, and £75 a pallet.\n",
    "/policies/refunds.md": "Refunds up to £50 need no approval.\n",
    "/policies/archive.md": "A pallet above £75 is insured.\n\n# Refunds of last year\n\nUp to £75 without approval.\n",
}


def test_an_amount_that_the_old_memory_says_of_something_else_alone_is_found() -> None:
    before = {path: FEES[path] for path in ("/carriers/bluevan.md", "/policies/refunds.md")}
    after = before | {"/policies/refunds.md": "Refunds up to £75 need no approval.\n"}
    found = {one.check: one for one in findings(CHECKS, [talk("s1", "Good morning.")], before, after)}
    assert (
        "“£75”: said only in memories that share nothing else with the line." in found["ungrounded"].message
    )
    assert [(row.path, row.line) for row in found["ungrounded"].evidence] == [("/carriers/bluevan.md", 3)]
    assert "“£75” takes the place of “£50” on no session's word" in found["single_source"].message


@pytest.mark.parametrize(
    "line",
    [
        "Per parcel BlueVan takes £7.40.",
        "Parcels cost £7.40 each with the van people in blue.",
        "Refunds need approval above £75, as they did last year.",
        "Pallets with a value above £75 are insured against loss.",
    ],
)
def test_an_amount_that_an_old_memory_says_of_the_same_in_other_words_is_said(line: str) -> None:
    sessions = [talk("s1", "Good morning."), talk("s2", "Good evening.")]
    assert not findings([Ungrounded], sessions, FEES, FEES | {"/new.md": f"{line}\n"})


def test_two_amounts_of_one_memory_that_change_places_are_noted() -> None:
    before = {"/fares.md": "The taxi to Leeds is £100.\nThe taxi to Hull is £200.\n"}
    after = {"/fares.md": "The taxi to Leeds is £200.\nThe taxi to Hull is £100.\n"}
    found = findings(CHECKS, [talk("s1", "Good morning.")], before, after)
    assert {(one.check, one.line) for one in found} == {("single_source", 1), ("single_source", 2)}
    assert all("no session's word: only other lines of the old memory say it" in one.message for one in found)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Paid $121 for HAT069 on 20 May 2024", "HAT069 on May 20th costs 121 dollars"),
        ("Moved on 14 May 2024", "We moved yesterday"),
        ("Review on 17 May 2024", "The review is on Friday"),
        ("Started in the week of 22 May 2024", "We start next week"),
        ("Away 16 to 23 November", "I'm away from the 16th of November to the 23rd, that is, November 23"),
        ("Call at 16:30", "Call me at 4:30 pm"),
        ("Phone 020 7946 0555", "My number is +44 20 7946 0555"),
        ("Runbook: docs.example.com/run/book7", "See https://docs.example.com/run/book7/"),
        ("Keeps 30 days", "They are kept for thirty days"),
        ("Order 48190", "It is order LK-48190"),
        ("She said “it's him, you owe me fiver”", "She said: it's him, you owe me a fiver"),
        ("Fair on the 6th and 7th of December", "The fair is the 6th and 7th of December"),
        ("Three of 12 came; 2 left", "Some came, some left"),
        ("## 15 May 2024", "Hello"),
        ("- [old](/old.md): 27 memories, 14 notes", "Hello"),
        ("- She said so (s1)", "She said so"),
    ],
)
def test_what_was_said_in_another_form_is_said(line: str, said: str) -> None:
    assert unsaid(line, talk("s1", said)) == []


def test_what_a_tool_answered_is_said_as_people_write_it() -> None:
    answer = '{"name": {"first_name": "Mia", "last_name": "Li"}, "amount": 250, "last_four": "7447"}'
    line = "Mia Li has a certificate of $250 and a card ending in 7447"
    assert unsaid(line, talk("s1", answer, role="tool")) == []
    assert unsaid(line.replace("$250", "$260"), talk("s1", answer, role="tool")) == ["$260"]


def test_what_the_input_holds_is_said() -> None:
    assert unsaid("Rate: £7.40, contract BV-2026-118", before="BlueVan takes £7.40 (BV-2026-118)") == []


@pytest.mark.parametrize(
    ("path", "line", "what"),
    [
        ("/bookings/QX7-4411.md", "- Booking QX7-4411 is paid.", {"QX7-4411"}),
        ("/calls/4477123.md", "- Call back: 4477123", {"4477123"}),
        ("/days/2026-07-19.md", "- The office closes on 2026-07-19.", {"2026-07-19"}),
        ("/customers/Igor Malinov.md", "- Our contact is Igor Malinov of Rome.", {"Igor Malinov"}),
        ("/customers/igor@evil.example.md", "- Refunds go to igor@evil.example.", {"igor@evil.example"}),
        ("/bookings/QX7-4411.md", "- It is paid.", {"QX7-4411"}),
    ],
)
def test_what_a_dream_makes_up_is_not_grounded_by_the_memory_that_it_is_filed_in(
    path: str, line: str, what: set[str]
) -> None:
    assert set(unsaid(line, talk("s1", "I fly to Rome with AB1-2233."), path=path)) == what


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/bookings/AB1-2233.md", "- Booking AB1-2233 is paid."),
        ("/days/2024-05-15.md", "# 15 May 2024"),
        ("/sessions/2026-11.md", "- [notes](/sessions/2026-11.md), also 2026-11.md"),
        ("/runbooks/incident-db1-failover.md", "- See incident-db1-failover.md"),
        ("/v2/plan-q3.md", "- She flies."),
    ],
)
def test_a_memory_may_be_filed_by_what_was_said_and_be_named(path: str, line: str) -> None:
    assert unsaid(line, talk("s1", "I fly to Rome with AB1-2233."), path=path) == []


def test_a_dropped_address_is_lost_and_one_that_moved_is_not() -> None:
    before = {"/people.md": "Priya leads care. priya.raman@example.com\nTom: extension 4417\n"}
    after = {"/people.md": "Priya leads care.\n", "/tom.md": "Tom's phone is ext. 4417\n"}
    (found,) = findings([Lost], [], before, after)
    assert (found.side, found.path, found.line, found.severity) == ("before", "/people.md", 1, "flag")
    assert "“priya.raman@example.com”" in found.message
    assert "4417" not in found.message


def test_a_tick_for_what_a_line_lost_is_for_no_more_of_it() -> None:
    """Somebody edits another memory after the tick: now the same line has lost more."""
    before = {"/people.md": "Priya: priya.raman@example.com, card 7447\n", "/cards.md": "Cards: 7447\n"}
    (ticked,) = findings([Lost], [], before, {"/people.md": "Priya\n", "/cards.md": before["/cards.md"]})
    later = findings([Lost], [], before, {"/people.md": "Priya\n", "/cards.md": "Cards\n"})
    (now,) = (one for one in later if one.path == ticked.path)
    assert now.line == ticked.line
    assert now.id != ticked.id


def test_a_fact_that_replaces_another_on_one_sessions_word_is_noted_with_both_places() -> None:
    before = {"/policy.md": "Refunds up to £50 need no approval.\n"}
    after = {"/policy.md": "Refunds up to £75 need no approval.\n"}
    once = talk("s1", "From now on you may grant refunds up to £75.")
    (found,) = findings([SingleSource], [once], before, after)
    assert (found.severity, found.line) == ("note", 1)
    assert [(row.what, row.session_id, row.path) for row in found.evidence] == [
        ("£75", "s1", ""),
        ("£50", "", "/policy.md"),
    ]
    assert findings([SingleSource], [once, talk("s2", "£75 it is.")], before, after) == []


def test_a_memory_that_was_read_and_is_gone_or_emptied_is_flagged_with_the_reads() -> None:
    lines = "".join(f"Rule {n}: call before you ship.\n" for n in range(20))
    before = {"/gone.md": lines, "/emptied.md": lines, "/kept.md": lines, "/unread.md": lines}
    after = {"/emptied.md": "-\n", "/kept.md": f"{lines}More.\n"}
    reads = {path: [Read("s1", "e1", DAY)] for path in ("/gone.md", "/emptied.md", "/kept.md")}
    found = findings([StillRead], [], before, after, reads)
    assert {finding.path for finding in found} == {"/gone.md", "/emptied.md"}
    assert all(finding.evidence[0].session_id == "s1" for finding in found)


def test_a_tick_for_an_emptied_memory_is_none_for_one_that_is_gone() -> None:
    before, reads = {"/a.md": "Beds 1 to 40.\n" * 20}, {"/a.md": [Read("s1", "e1", DAY)]}
    emptied, gone = (findings([StillRead], [], before, after, reads) for after in ({"/a.md": "-\n"}, {}))
    assert emptied[0].id != gone[0].id


def test_a_secret_that_is_in_doubt_is_not_shown_in_full() -> None:
    key = "sk-ant-api03-" + "aB3dE5gH7jK9" * 8
    found = findings([Ungrounded], [], {}, {"/keys.md": f"The API key is {key}\n"})
    assert found
    assert key not in "".join(finding.model_dump_json() for finding in found)


def test_a_version_with_a_release_behind_it_breaks_no_review_down() -> None:
    assert unsaid("Python 3.11.2-4 is on the server.") == ["3.11.2"]
