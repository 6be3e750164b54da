"""What is quoted shows no secret that stands in the text, wherever it is quoted from."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from dreamflow.core.masking import mask, spans_of
from dreamflow.core.quoting import Source, quote
from tests.hostile.corpus import honest_memories, hostile_memories
from tests.unit.core.test_secret_search import LINES, PARTS

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
