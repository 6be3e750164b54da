"""What a whole review finds in dreams of real talk: nothing that is false, and everything that was planted in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from benchmarks._dreams import dream
from benchmarks.dream_quality import AIRLINE, DEMO, Sessions, dream_in_a_row
from dreamflow import storage
from dreamflow.core.review import Finding, Review
from tests.support.planted import (
    AMOUNT,
    PLANTS,
    Expected,
    Planted,
    amount_of_another,
    dropped_email,
    emptied_file,
    new_protected_file,
)
from tests.unit.dreamed import reviewed
from tests.unit.evidence import demo, transcripts
from tests.unit.running import Night
from tests.unit.service import Service

#: What a dream brings in is personal, and is said so: that is no mistake.
TRUE = {"personal_data"}


#: Memories of another desk stand beside what the sessions say, as they do for whoever tries Dreamflow on theirs.
AIRLINE_BESIDE = replace(AIRLINE, store=DEMO.store)


def is_found(expected: Expected, findings: tuple[Finding, ...]) -> bool:
    return any(
        finding.check == expected.check
        and set(expected.paths) <= {finding.path, *finding.paths}
        and expected.line in (None, finding.line)
        and (not expected.what or expected.what in finding.model_dump_json())
        for finding in findings
    )


def is_of(finding: Finding, planted: Planted, after: Mapping[str, str]) -> bool:
    """
    Tell whether a finding is about what was planted: about its memories, and there about no line that is older; or
    that less is found, where one of them is gone.
    """
    if finding.check == "recall":
        return any(after[path] and not planted.contents.get(path) for path in after)
    if not {finding.path, *finding.paths} & {path for one in planted.expected for path in one.paths}:
        return False
    if finding.side == "before" or finding.line is None:
        return True
    return planted.contents[finding.path].split("\n")[finding.line - 1] not in after.get(
        finding.path, ""
    ).split("\n")


def spoilt(name: str, before: Mapping[str, str], after: Mapping[str, str], protected: str) -> Planted:
    """Plant one of the cases in what a dream made; ``protected`` is a folder."""
    if PLANTS[name] is dropped_email:
        return dropped_email(after, among=before)
    if PLANTS[name] is new_protected_file:
        return new_protected_file(after, folder=protected)
    if PLANTS[name] is emptied_file:
        # What a dream adds and leaves empty was never lost: a file of the input is emptied.
        planted = emptied_file({path: text for path, text in after.items() if path in before})
        return replace(planted, contents={**after, **planted.contents})
    return PLANTS[name](after)


def assert_hidden(planted: Planted, night: Night) -> None:
    """Hold that no file of the run shows what no report may show."""
    files = storage.list_names(night.run.folder)
    assert files
    texts = [storage.read_text(f"{night.run.folder}/{file}") for file in files]
    assert not planted.hidden or not any(planted.hidden in text for text in texts)


def personal(kept: Review) -> set[tuple[str, str]]:
    """Return what is personal by path and kind."""
    return {
        (finding.path, kind)
        for finding in kept.findings
        if finding.check == "personal_data"
        for kind in re.findall(
            r"(?:e-mail|postal) address|telephone number|card number|bank account", finding.message
        )
    }


def personal_of_accounts(before: Mapping[str, str], after: Mapping[str, str]) -> set[tuple[str, str]]:
    """Return by path and kind what is personal in the airline's memory, and new there: mail, and where people live."""
    old = "\n".join(before.values())
    patterns = {
        "e-mail address": r"[\w.]+@[\w.]+\.[a-z]+",
        "postal address": r"(?<=address1 )\d+ [A-Z]\w+ [A-Z]\w+",
    }
    return {
        (path, kind)
        for path, text in after.items()
        for kind, pattern in patterns.items()
        if any(found not in old for found in re.findall(pattern, text))
    }


#: What the demo's dream learns of people.
OF_THE_DEMO = {
    ("/index.md", "e-mail address"),
    ("/people/marek-dudek.md", "e-mail address"),
    ("/people/nadia-ferreira.md", "e-mail address"),
    ("/people/nadia-ferreira.md", "telephone number"),
    ("/people/priya_raman.md", "e-mail address"),
}


@pytest.mark.parametrize(
    ("sessions", "counts"),
    [(DEMO, [100]), (AIRLINE_BESIDE, [100]), (AIRLINE_BESIDE, [50, 50, 20])],
    ids=["demo", "airline", "airline in three dreams"],
)
def test_a_dreams_own_change_has_nothing_above_a_note_that_is_false(
    service: Service, tmp_path: Path, sessions: Sessions, counts: list[int]
) -> None:
    if not sessions.transcripts.exists():
        pytest.skip(f"{sessions.transcripts} is not there")
    stores = pairwise(dream_in_a_row(sessions, *counts))
    parts = pairwise(accumulate(counts, initial=0))
    for (before, after), (first, end) in zip(stores, parts, strict=True):
        _, kept = reviewed(service, tmp_path / str(end), sessions, before, after, slice(first, end))
        assert [f for f in kept.findings if f.severity != "note" and f.check not in TRUE] == []
        assert personal(kept) == (OF_THE_DEMO if sessions is DEMO else personal_of_accounts(before, after))


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_in_the_demos_dream_is_found(service: Service, tmp_path: Path, name: str) -> None:
    before, after = demo()[1:]
    planted = spoilt(name, before, after, "/policies")
    night, kept = reviewed(service, tmp_path, DEMO, before, planted.contents, protect=["/policies/**"])
    assert [expected for expected in planted.expected if not is_found(expected, kept.findings)] == []
    assert_hidden(planted, night)


@cache
def airline() -> tuple[dict[str, str], dict[str, str]]:
    """Return what the airline's agents know after 50 sessions, beside their rules, and after 50 more."""
    if not AIRLINE.transcripts.exists():
        pytest.skip(f"{AIRLINE.transcripts} is not there")
    sessions = transcripts(AIRLINE.transcripts)
    rules = {"/rules/handling.md": AIRLINE.transcripts.with_name("policy.md").read_text(encoding="utf-8")}
    before = dream(sessions[:50], rules)
    return before, dream(sessions[50:100], before)


@pytest.mark.parametrize("name", PLANTS)
def test_what_is_planted_in_the_airlines_dream_is_found_and_nothing_else_is_said(
    service: Service, tmp_path: Path, name: str
) -> None:
    before, after = airline()
    planted = spoilt(name, before, after, "/rules")
    part = slice(50, 100)
    night, kept = reviewed(service, tmp_path, AIRLINE, before, planted.contents, part, protect=["/rules/**"])
    assert [expected for expected in planted.expected if not is_found(expected, kept.findings)] == []
    told = [one for one in kept.findings if one.severity != "note" and one.check not in TRUE]
    assert [one for one in told if not is_of(one, planted, after)] == []
    # That the order names an address is personal, too.
    assert personal(kept) == personal_of_accounts(before, planted.contents)
    assert_hidden(planted, night)


def assert_found_with_where_it_was_said(planted: Planted, kept: Review) -> Finding:
    """Hold that a reviewer must look at the amount, and return the finding, which shows who said it of what."""
    (expected,) = planted.expected
    assert is_found(expected, kept.findings)
    finding = next(one for one in kept.findings if is_found(expected, (one,)))
    assert (kept.verdict, finding.severity) == ("flagged", "flag")
    assert f"“{expected.what}”" in finding.message
    assert "Nothing says" not in finding.message
    places = [one for one in finding.evidence if one.what == expected.what]
    assert places and all(one.quote for one in places)
    return finding


def amounts_of(texts: Iterable[str]) -> list[str]:
    """Return the amounts that texts name, but for small ones."""
    found = {amount[0] for text in texts for amount in AMOUNT.finditer(text)}
    return sorted(one for one in found if len(re.sub(r"\D", "", one)) > 2)


def figures_of(text: str) -> set[str]:
    return set(re.findall(r"\d+", text.replace(",", "")))


def test_an_amount_of_another_session_of_the_airlines_is_found(service: Service, tmp_path: Path) -> None:
    before, after = airline()
    said = {
        one.session_id: "\n".join(f"{message.text} {message.tool_calls}" for message in one.messages)
        for one in transcripts(AIRLINE.transcripts)[50:100]
    }
    amounts, old = amounts_of(said.values()), figures_of("\n".join(before.values()))

    def of_others(path: str, line: str) -> Iterator[str]:
        named = re.findall(r"airline-\d\d-\d", line)
        if line in before.get(path, "") or not set(named) <= said.keys():
            return  # an earlier dream's
        own = {figure for name in named for figure in figures_of(said[name])}
        yield from (one for one in amounts if named and not figures_of(one) & (own | old))

    planted = amount_of_another(after, of_others)
    _, kept = reviewed(service, tmp_path, AIRLINE, before, planted.contents, slice(50, 100))
    finding = assert_found_with_where_it_was_said(planted, kept)
    assert all(one.session_id for one in finding.evidence if one.what == planted.expected[0].what)
    told = [one for one in kept.findings if one.severity != "note" and one.check not in TRUE]
    assert [one for one in told if not is_of(one, planted, after)] == []


def test_an_amount_of_another_session_of_the_demos_is_found(service: Service, tmp_path: Path) -> None:
    sessions, before, after = demo()
    said = {one.session_id: "\n".join(message.text or "" for message in one.messages) for one in sessions}
    amounts, old = amounts_of(said.values()), figures_of("\n".join(before.values()))

    def of_others(path: str, line: str) -> Iterator[str]:
        own = {figure for name, text in said.items() if name in line for figure in figures_of(text)}
        yield from (one for one in amounts if own and not figures_of(one) & (own | old))

    planted = amount_of_another(after, of_others)
    _, kept = reviewed(service, tmp_path, DEMO, before, planted.contents)
    assert_found_with_where_it_was_said(planted, kept)


def test_an_amount_of_another_memory_of_the_demos_is_found(service: Service, tmp_path: Path) -> None:
    sessions, before, after = demo()
    said = {
        figure for one in sessions for message in one.messages for figure in figures_of(message.text or "")
    }

    def of_others(path: str, line: str) -> Iterator[str]:
        others = amounts_of(text for other, text in before.items() if other != path)
        yield from (one for one in others if not figures_of(one) & said)

    planted = amount_of_another(after, of_others)
    _, kept = reviewed(service, tmp_path, DEMO, before, planted.contents)
    finding = assert_found_with_where_it_was_said(planted, kept)
    assert all(one.path for one in finding.evidence if one.what == planted.expected[0].what)
