"""What is quoted shows no secret that stands in the text, wherever it is quoted from."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dreamflow.core.quoting import Source, quote
from dreamflow.core.sampling import Sample
from dreamflow.core.secrets.masking import mask, spans_of
from tests.hostile.corpus import honest_memories, hostile_memories
from tests.unit.core.secrets.test_secret_search import LINES, PARTS

TEXTS = st.lists(st.sampled_from((*PARTS, *LINES[::7])), min_size=1, max_size=40).map("\n".join)


@given(TEXTS, st.integers(0, 5_000), st.integers(1, 30))
@example("Recovery codes:\n" + "".join(f"- a{n}b2c-d3e{n}f\n" for n in range(100, 140)), 600, 12)
def test_no_quote_has_a_secret_of_the_text(text: str, at: int, length: int) -> None:
    start = at % max(1, len(text))
    shown = quote(Source(text).window(start, min(len(text), start + length)))
    hidden = mask(text)
    for begin, end, _ in spans_of(text):
        secret = text[begin:end]
        if len(secret) > 4 and secret not in hidden:
            assert " ".join(secret.split()) not in shown, (secret, shown)


@given(TEXTS, st.integers(0, 5_000), st.integers(1, 400))
@example(
    "Cloudflare's global key is 38816530a964415a6edd709cad234d442ad29, the api token mFhG9xQ2Lr7Tz0aB", 0, 400
)
@example("Jan connects with mongodb://jan:eF7qLx92@mongo-a.example:27017/?authSource=admin", 0, 400)
@example("", 0, 1)
def test_what_is_masked_stays_as_it_is(text: str, at: int, length: int) -> None:
    hidden = mask(text)
    assert mask(hidden) == hidden
    start = at % max(1, len(text))
    shown = quote(Source(text).window(start, min(len(text), start + length)))
    assert mask(mask(shown)) == mask(shown)


def test_words_beside_what_is_masked_stay() -> None:
    hidden = mask(
        "His PIN is 4711 now.\nThe wifi password is Tr0ub4dor, ask Nadia.\nGITHUB_TOKEN=ghp_" + "aB3dE6" * 6
    )
    assert mask(hidden) == hidden
    assert "now." in hidden
    assert "ask Nadia." in hidden
    assert "Horse9Batt" not in mask("password: Hors…[password]Horse9Battery7")


def test_quotes_of_honest_notes_are_their_words() -> None:
    for memory in honest_memories("dev"):
        text = memory.content
        for start in range(0, len(text), 97):
            shown = quote(Source(text).window(start, start + 5))
            assert "…[" not in shown
            assert shown in " ".join(text.split())


def test_quotes_of_hostile_notes_show_no_secret() -> None:
    for memory in hostile_memories("dev"):
        text = memory.content
        if memory.kind != "secret":
            continue
        hidden, secrets = mask(text), [text[start:end] for start, end, _ in spans_of(text)]
        for start in range(0, len(text), 31):
            shown = quote(Source(text).window(start, start + 8))
            for secret in secrets:
                assert len(secret) <= 4 or secret in hidden or secret not in shown, (memory.id, secret, shown)


@pytest.mark.parametrize("first", ["password: Blue9Fish333\\", "AKIAIOSFODNN7EXAMPLQ +"])
def test_neither_quotes_nor_questions_have_a_part_of_a_secret_that_goes_on_over_lines(first: str) -> None:
    rests = [f"Zeta{n}Fish{n}9q" for n in range(100, 200)]
    text = "\n".join((first, *(f"{rest}\\" for rest in rests), "order 4471-B of Nadia came on 2026-11-12"))
    for start in range(0, len(text), 7):
        shown = quote(Source(text).window(start, min(len(text), start + 9)))
        assert [rest for rest in rests if rest[4:] in shown] == [], shown
    sample = Sample()
    sample.add(text)
    asked = " ".join(" ".join((probe.key, *probe.words)) for probe in sample.probes()).casefold()
    assert [rest for rest in rests if rest.casefold() in asked] == []
