"""Secrets are looked for where they may be only, and found all the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.secrets.forms import FORMS
from dreamflow.core.secrets.hints import Hints
from dreamflow.core.secrets.masking import secret_spans, spans_in, spans_of_lines
from tests.hostile.corpus import honest_memories, hostile_memories

LINES = sorted(
    {
        line[:200]
        for memory in (*hostile_memories("dev"), *honest_memories("dev"))
        for line in memory.content.split("\n")
    }
)
#: Lines that give away, or take back, what stands in others, among such that hold nothing.
PARTS = (
    "## Recovery codes:",
    "a1b2c-d3e4f",
    "- name: DB_PASSWORD",
    "  value: Sunny-Day-99",
    "| name | password |",
    "| --- | --- |",
    "| mia | Minka-2009! |",
    "```",
    "",
    "The door code is 4711.",
    "token = abcd1234EFGH5678\\",
    "ijkl9012MNOP3456",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----END RSA PRIVATE KEY-----",
    "Passengers board at gate 12.",
    "Nothing more was said.",
)


def test_what_a_form_of_a_secret_finds_has_all_hints_that_it_is_looked_for_by() -> None:
    hints = Hints(hint for form in FORMS for group in form.hints for hint in group)
    found = 0
    for line in (*LINES, *map(str.upper, LINES)):
        lowered = line.lower()
        held = hints.within_folded(lowered, hints.within(lowered))
        for form in FORMS:
            lacks = [group for group in form.hints[1:] if not held & hints.bits(group)]
            if lacks:
                assert not form.pattern.search(line), (line, lacks)
            elif len(form.hints) > 1:
                found += bool(form.pattern.search(line))
    assert found > 200


def test_letters_that_stand_for_others_hide_no_secret() -> None:
    line = "To open the safe press 4711 and wait."

    assert secret_spans(line) == secret_spans(line.replace("ss", "s\N{LATIN SMALL LETTER LONG S}")) != []


@given(st.lists(st.sampled_from((*PARTS, *LINES[::9])), max_size=80), st.sets(st.integers(1, 80), max_size=6))
def test_lines_that_are_asked_about_alone_hold_the_same_secrets(lines: list[str], numbers: set[int]) -> None:
    asked = tuple(sorted(number for number in numbers if number <= len(lines)))

    every = list(spans_of_lines(lines))

    assert spans_in("\n".join(lines), asked) == {number: every[number - 1] for number in asked}
