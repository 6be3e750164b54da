"""What a page prints of hostile text is inert, and hides nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.exceptions import TemplateNotFound

from dreamflow.core.visible import is_unseen, visible
from dreamflow.rendering.environment import environment
from dreamflow.rendering.filters import duration, share, shown, size, usd


@given(st.text())
def test_no_text_leaves_its_element(text: str) -> None:
    left = shown(text).replace('<b class="unseen">', "").replace("</b>", "")
    assert not set(left) & set("<>\"'")


@given(st.text())
def test_everything_printed_can_be_seen(text: str) -> None:
    template = environment().from_string("{{ text }}")
    assert not any(is_unseen(char) and char not in "\n\t" for char in template.render(text=text))
    assert not any(is_unseen(char) and char not in "\n\t" for char in visible(text))


def test_a_character_that_turns_text_around_is_shown_by_its_code_point() -> None:
    assert shown("a\u202eb") == 'a<b class="unseen">&lt;U+202E&gt;</b>b'
    assert shown("  two\tspaces\n") == "  two\tspaces\n"


def test_text_is_no_template() -> None:
    template = environment().from_string("{{ text | shown }}|{{ text }}")
    assert template.render(text="{{ 7*7 }}") == "{{ 7*7 }}|{{ 7*7 }}"


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nothing }}").render()


def test_no_template_is_read_from_elsewhere() -> None:
    for name in ("../filters.py", "/etc/hostname", "../../dreamflow_plugin.py"):
        with pytest.raises(TemplateNotFound):
            environment().get_template(name)


def test_figures_are_shown_as_people_read_them() -> None:
    assert (size(12), size(102_400), size(2_500_000)) == ("12 B", "102.4 kB", "2.5 MB")
    assert (share(None), share(0.0), share(0.954), share(1.0)) == ("n/a", "0%", "95.4%", "100%")
    assert (duration(None), duration(42), duration(61), duration(7200)) == (
        "not told",
        "42 s",
        "1 min 1 s",
        "2 h 0 min",
    )
    assert (usd(None), usd(12.345)) == ("not told", "USD 12.35")
