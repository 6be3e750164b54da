"""The edit box: what is not touched comes back byte for byte, whatever a browser does to it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dreamflow.errors import EditRefused
from dreamflow.review.edit_box import boxed, unboxed

KEY = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"
VERSION = "memver_1"
#: What stands for the first secret, in a text that does not say so itself.
BOX = boxed(KEY, VERSION)
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
            BOX,
            f"key {KEY}",
            "PIN 4711",
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
    assert unboxed(through_a_browser(boxed(text, VERSION)), text, VERSION) == text


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "PRIVATE KEY-----\nMIIabc9/x\nzzz==\n-----END " + "PRIVATE KEY-----\nof May\n",
        f"key: {KEY}\nof May\n",
        "Recovery codes:\n- q22wz-154pax\n- q23wz-161pax\nof May\n",
        "| Site | Password |\n|---|---|\n| Leeds | Horse7Battery9 |\nof May\n",
        "password: |\n  Horse7Battery9\nof May\n",
        "The door code is 4711\nof May",
    ],
)
def test_an_edit_of_a_memory_with_windows_line_ends_changes_no_other_line(text: str) -> None:
    windows = text.replace("\n", "\r\n")
    shown = through_a_browser(boxed(windows, VERSION))
    assert "⟦secret" in shown
    edited = unboxed(shown.replace("of May", "of June"), windows, VERSION)
    assert edited == windows.replace("of May", "of June")


def test_the_box_shows_neither_secrets_nor_characters_that_hide() -> None:
    box = boxed(f"key {KEY} \u202ehidden\x07", VERSION)
    assert KEY not in box
    assert "\u202e" not in box
    assert "\x07" not in box


def test_an_edit_keeps_the_secrets_that_it_was_not_shown() -> None:
    text = f"Keep {BOX} as it is.\nThe password is Sunny-Day-99.\nPIN 4711\n"
    shown = boxed(text, VERSION)
    assert "Sunny" not in shown
    assert "4711" not in shown
    assert unboxed(shown.replace("PIN", "Her PIN"), text, VERSION) == text.replace("PIN", "Her PIN")


def test_a_secret_stays_masked_or_the_edit_is_refused() -> None:
    text = "The wifi password is Tr0ub4dor.\n"
    shown = boxed(text, VERSION)
    with pytest.raises(EditRefused, match="nothing around it tells any more"):
        unboxed(shown.replace(" password", ""), text, VERSION)
    assert unboxed("The wifi is open.\n", text, VERSION) == "The wifi is open.\n"


def test_what_stands_for_a_secret_of_another_text_is_refused_and_words_like_it_are_kept() -> None:
    text = "PIN 4711\n"
    for foreign in (boxed(text, "memver_2"), BOX.replace("-1", "-2"), BOX.replace("-1", "-0")):
        with pytest.raises(EditRefused, match="stands for nothing here"):
            unboxed(f"{boxed(text, VERSION)}{foreign}", text, VERSION)
        assert (
            unboxed(boxed(f"{foreign} {text}", VERSION), f"{foreign} {text}", VERSION) == f"{foreign} {text}"
        )


def test_a_text_that_holds_a_placeholder_gets_no_hidden_character_from_it() -> None:
    text = "write ⟦U+202E⟧ for it"
    assert unboxed(boxed(text, VERSION), text, VERSION) == text
