"""A fleet's members in a list, and the one question about them."""

from __future__ import annotations

import re

import pytest

from dreamflow.core.fleet_review import (
    MemberRow,
    check_rest,
    question_text,
    undecided,
    undecided_digest,
    worst_first,
)
from dreamflow.core.fleets import Member
from dreamflow.errors import AnswerIncomplete

OPTIONS = ("Adopt", "Reject", "Dream again")
CLEAN = MemberRow(id="depl_c", name="clean", verdict="clean", digest="c")
FLAGGED = MemberRow(id="depl_f", name="few", verdict="flagged", flags=1, checks={"lost": 1}, digest="f")
MANY = MemberRow(id="depl_m", name="many", verdict="flagged", flags=7, checks={"removed": 7}, digest="m")
BLOCKED = MemberRow(id="depl_b", name="secret", verdict="blocked", blocks=1, checks={"secret": 1}, digest="b")
ADOPTED = MemberRow(id="depl_a", name="a", verdict="clean", digest="a", state="adopted", by="approval.mode")
FAILED = MemberRow(id="depl_x", name="x", state="failed", why="its store is gone")
CHOSEN = MANY.model_copy(update={"id": "depl_n", "state": "chosen", "decision": "Adopt", "by": "ada"})
ALL = [ADOPTED, FAILED, CLEAN, CHOSEN, FLAGGED, MANY, BLOCKED]


def test_the_worst_come_first() -> None:
    assert worst_first(ALL) == [BLOCKED, MANY, FLAGGED, CLEAN, CHOSEN, FAILED, ADOPTED]


def test_the_rest_is_who_nobody_has_decided_on() -> None:
    assert undecided(ALL) == [BLOCKED, MANY, FLAGGED, CLEAN]


def test_the_digest_is_of_the_undecided_in_any_order_and_of_every_byte_of_theirs() -> None:
    digest = undecided_digest(ALL)
    assert undecided_digest(ALL[::-1]) == digest
    assert undecided_digest([*undecided(ALL)]) == digest
    edited = FLAGGED.model_copy(update={"digest": "f2"})
    assert undecided_digest([*ALL[:4], edited, *ALL[5:]]) != digest
    assert undecided_digest([row for row in ALL if row is not CLEAN]) != digest


def test_adopting_the_rest_is_taken_where_every_flagged_member_was_looked_at() -> None:
    rows = [ADOPTED, CLEAN, FLAGGED, MANY]
    digest = undecided_digest(rows)
    check_rest(rows, "Adopt", digest=digest, ticked={"depl_f", "depl_m"}, options=OPTIONS)
    with pytest.raises(AnswerIncomplete, match="not looked at: 1 member with flags"):
        check_rest(rows, "Adopt", digest=digest, ticked={"depl_m"}, options=OPTIONS)
    with pytest.raises(AnswerIncomplete, match="decided or edited since they were shown"):
        check_rest(rows, "Adopt", digest="other", ticked={"depl_f", "depl_m"}, options=OPTIONS)


def test_adopting_the_rest_is_refused_while_one_of_them_is_blocked_and_rejecting_is_not() -> None:
    ticked = {"depl_f", "depl_m", "depl_b"}
    with pytest.raises(AnswerIncomplete, match="1 member can't be adopted"):
        check_rest(ALL, "Adopt", digest=undecided_digest(ALL), ticked=ticked, options=OPTIONS)
    check_rest(ALL, "Reject", digest="", ticked=(), options=OPTIONS)
    with pytest.raises(AnswerIncomplete, match="choose one"):
        check_rest(ALL, "Delete", digest="", ticked=(), options=OPTIONS)


def test_where_every_member_is_decided_any_answer_is_done() -> None:
    check_rest([ADOPTED, CHOSEN, FAILED], "Adopt", digest="", ticked=(), options=OPTIONS)


def test_the_question_counts_names_the_worst_twenty_and_leads_to_the_rest() -> None:
    rows = [FLAGGED.model_copy(update={"id": f"depl_{n:03}", "name": f"support-{n:03}"}) for n in range(30)]
    text = question_text([*rows, BLOCKED, ADOPTED, FAILED], "/dags/d/runs/r/plugin/dreamflow-review")
    assert "**31 members of 33** to decide on: 1 blocked, 30 flagged" in text
    assert "[Open the review](/dags/d/runs/r/plugin/dreamflow-review)" in text
    assert "31 wait for an answer, 1 failed, 1 adopted" in text
    assert "secret (depl_b): blocked, secret (1)" in text
    assert len(re.findall(r"flagged, lost \(1\)", text)) == 19
    assert "… and 11 more" in text
    assert undecided_digest([*rows, BLOCKED])[:16] in text


def test_what_a_member_is_called_stands_in_the_question_as_text() -> None:
    names = ["![x](http://e.example/y)", "```\n# big", "<img src=x onerror=alert(1)>", "a\u202eb", "`" * 9]
    rows = [FLAGGED.model_copy(update={"id": f"depl_{n}", "name": name}) for n, name in enumerate(names)]
    text = question_text(rows, "/review")
    for line in text.splitlines():
        if any(part in line for part in ("e.example", "big", "onerror", "<U+202E>", "`" * 9)):
            fence = re.match(r"`+", line)
            assert fence, line
            assert re.search(rf"(?<!`){fence[0]}\\?$", line), line
    assert "\u202e" not in text


def test_a_members_name_is_told_in_one_line_in_which_every_character_shows() -> None:
    called = Member(id="depl_1", name="red\x1b[31m\r\nINFO all\tis \u202ewell").called
    assert called == "red<U+001B>[31m<U+000D><U+000A>INFO all<U+0009>is <U+202E>well (depl_1)"
    assert Member(id="depl_1\x1b[2J").called == "depl_1<U+001B>[2J"
    assert "AKIAIOSFODNN7EXAMPLE" not in Member(id="depl_1", name="AKIAIOSFODNN7EXAMPLE").called
