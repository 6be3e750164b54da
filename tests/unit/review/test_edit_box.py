"""The edit box: what is not touched comes back byte for byte, whatever a browser does to it."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from dreamflow.review.edit_box import boxed, unboxed

KEY = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"
TEXTS = st.lists(
    st.sampled_from(
        [
            "word",
            " ",
            "\n",
            "\r\n",
            "\r",
            "\t",
            "\u202e",
            "\u200b",
            "⟦secret 1⟧",
            f"key {KEY}",
            "é",
            "⟦",
            "⟦U+000D⟧",
        ]
    ),
    max_size=12,
).map("".join)


def through_a_browser(text: str) -> str:
    """What a text area's value is: every kind of line end is one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(TEXTS)
@example("a\r\nb\nc\rd")
@example("all\r\nwindows\r\n")
@example("\nbegins with an empty line")
def test_a_text_that_is_saved_as_it_was_shown_is_the_text(text: str) -> None:
    assert unboxed(through_a_browser(boxed(text)), text) == text


def test_the_box_shows_neither_secrets_nor_characters_that_hide() -> None:
    box = boxed(f"key {KEY} \u202ehidden\x07")
    assert KEY not in box
    assert "\u202e" not in box
    assert "\x07" not in box


def test_a_text_that_holds_a_placeholder_gets_no_hidden_character_from_it() -> None:
    text = "write ⟦U+202E⟧ for it"
    assert unboxed(boxed(text), text) == text
