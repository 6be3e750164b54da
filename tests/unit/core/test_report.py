"""The review as Markdown: memory text is shown, and is nothing but shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from dreamflow.core.changes import compare
from dreamflow.core.checks import Examined, Finding, run_checks
from dreamflow.core.late_writes import LateNote
from dreamflow.core.objects import TokenUsage
from dreamflow.core.report import (
    DIFF_LINES_LIMIT,
    LINE_LIMIT,
    PATHS_LIMIT,
    ReviewFacts,
    as_code_lines,
    render_late,
    render_review,
    visible,
    with_late,
)
from tests.unit.support import NOON, listing_of

FACTS = ReviewFacts(
    pipeline="support",
    input_store_id="memstore_in",
    output_store_id="memstore_out",
    dream_id="drm_1",
    session_count=3,
    left_for_next_run=2,
    usage=TokenUsage(100, 50, 800, 100),
    list_cost_usd=1.5,
    seconds=754.0,
    digest="d1" * 32,
    report_uri="file:///reports/support/run/report.md",
)

#: Text that means something in Markdown or HTML, and what hides or reorders text.
TRICKS = [
    "# heading", "Heading\n===", "![x](http://evil/x.png)", "[x](http://evil)", "<img src=http://evil>",
    "<script>alert(1)</script>", "http://evil.example", "<http://evil.example>", "[x]: http://evil", "```", "````",
    "~~~", "`", "``", "\\", "\\`", "|a|b|", "|---|---|", "- x", "1. x", "> x", "***", "&lt;", "&#35;", "{{ x }}",
    "{% x %}", "\u202e", "\u200b", "\ufeff", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\t", "    ", " ", "", "\x00",
]  # fmt: skip
HOSTILE = st.lists(st.one_of(st.sampled_from(TRICKS), st.text(max_size=8)), max_size=6).flatmap(
    lambda parts: st.sampled_from(["", " ", "\n"]).map(lambda joint: joint.join(parts))
)
#: The service's paths hold no control or format characters.
HOSTILE_PATHS = st.one_of(
    st.sampled_from([trick for trick in TRICKS if trick.strip().isprintable() and trick.strip()]),
    st.text("ab`#[]()<>!|*_\\&~", min_size=1, max_size=8),
).map(lambda name: f"/{name}")

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
#: What the report itself is made of. Memory text may stand in code_inline only.
OWN = {
    "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item", "heading", "strong",
    "text", "softbreak", "hardbreak", "code_inline", "inline",
}  # fmt: skip


def tokens_of(markdown: str) -> Iterator[Token]:
    for token in RENDERER.parse(markdown):
        yield token
        yield from token.children or ()


def render(before: Mapping[str, str], after: Mapping[str, str], findings: list[Finding] | None = None) -> str:
    changes = compare(listing_of(before), listing_of(after))
    bodies = [(path, before.get(path, ""), after.get(path, "")) for _, path in changes]
    return render_review(FACTS, listing_of(before), listing_of(after), changes, findings or [], bodies)


def shown(markdown: str) -> list[str]:
    """Return what stands in code spans."""
    return [token.content for token in tokens_of(markdown) if token.type == "code_inline"]


class TestHostileText:
    @given(
        st.dictionaries(HOSTILE_PATHS, HOSTILE, max_size=3),
        st.dictionaries(HOSTILE_PATHS, HOSTILE, max_size=3),
    )
    def test_memory_text_is_never_a_link_an_image_html_or_a_heading(
        self, before: dict[str, str], after: dict[str, str]
    ) -> None:
        old, new = listing_of(before), listing_of(after)
        findings = run_checks(Examined(old, new, compare(old, new), ["*"], 0))
        tokens = list(tokens_of(render(before, after, findings)))
        assert {re.sub("_(open|close)$", "", token.type) for token in tokens} <= OWN
        assert not any("evil" in token.content for token in tokens if token.type == "text")
        headings = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]
        assert all(
            re.fullmatch(r"(Removed|Changed|Added) \(\d+\)|What changes, line by line", heading)
            for heading in headings
        )

    @given(st.lists(HOSTILE, min_size=1, max_size=6))
    def test_every_line_stands_whole_in_a_code_span_of_its_own(self, lines: list[str]) -> None:
        markdown = as_code_lines(lines)
        spans = shown(markdown)
        assert len(spans) == len(lines)
        for span, line in zip(spans, lines, strict=True):
            assert span == visible(line) or not visible(line).strip()
        outside = [token.type for token in tokens_of(markdown) if token.type != "code_inline"]
        assert set(outside) <= {
            "paragraph_open",
            "paragraph_close",
            "inline",
            "text",
            "softbreak",
            "hardbreak",
        }
        assert not "".join(t.content for t in tokens_of(markdown) if t.type == "text").strip()

    @given(HOSTILE)
    def test_a_line_never_holds_a_line_end_or_a_character_that_hides(self, text: str) -> None:
        line = visible(text)
        assert line.isprintable()
        assert len(line.splitlines()) <= 1

    @pytest.mark.parametrize(
        "hidden",
        [
            "\u202e",
            "\u2066",
            "\u200b",
            "\u200d",
            "\ufeff",
            "\u00ad",
            "\u00a0",
            "\U000e0041",
            "\x1b",
            "\ue000",
        ],
    )
    def test_hidden_characters_are_shown_by_their_code_points(self, hidden: str) -> None:
        assert visible(f"a{hidden}b") == f"a<U+{ord(hidden):04X}>b"

    @pytest.mark.parametrize(
        "hidden",
        [
            pytest.param("\ufe01", id="variation selector"),
            pytest.param("\U000e0100", id="variation selector supplement: carries smuggled bytes"),
            pytest.param("\u034f", id="combining grapheme joiner"),
            pytest.param("\u115f", id="Hangul filler"),
            pytest.param("\u3164", id="Hangul filler, compatibility"),
            pytest.param("\uffa0", id="Hangul filler, half width"),
            pytest.param("\u17b4", id="Khmer inherent vowel"),
            pytest.param("\u180b", id="Mongolian variation selector"),
            pytest.param("\u2800", id="Braille blank"),
        ],
    )
    def test_letters_and_marks_that_nobody_can_see_are_shown_too(self, hidden: str) -> None:
        assert hidden not in visible(f"a{hidden}b")

    @pytest.mark.parametrize("text", ["Zürich, 日本, привет", "naïve café", "2 € for 🍎", "a\tb"])
    def test_what_people_write_is_shown_as_they_wrote_it(self, text: str) -> None:
        assert visible(text) == text.replace("\t", "    ")

    def test_a_long_line_is_cut_and_says_by_how_much(self) -> None:
        assert visible("x" * LINE_LIMIT) == "x" * LINE_LIMIT
        assert visible("x" * (LINE_LIMIT + 1234)) == f"{'x' * LINE_LIMIT}… (1,234 more characters)"


class TestWhatItSays:
    def test_the_figures_stand_at_the_top(self) -> None:
        text = render({"/a": "1", "/b": "22"}, {"/b": "333", "/c": "4"})
        for figure in (
            "| Memories | 2 | 2 |",
            "| Bytes | 3 | 4 |",
            "Added 1, changed 1, removed 1, unchanged 0",
            "Sessions read: 3; 2 wait for the next run",
            "Tokens: 1,050 (1,000 in, 50 out; 80% of the input read from cache)",
            "List cost: USD 1.50",
            "Duration: 13 min",
            "`memstore_in`",
            "`memstore_out`",
            "`drm_1`",
            f"`{FACTS.digest[:16]}`",
        ):
            assert figure in text

    def test_what_the_service_does_not_tell_is_said_so(self) -> None:
        untold = ReviewFacts(**{**vars(FACTS), "usage": TokenUsage(), "list_cost_usd": None, "seconds": None})
        text = render_review(untold, {}, {}, compare({}, {}), [], [])
        assert "List cost: not told" in text
        assert "Duration: not told" in text
        assert "no input counted" in text

    def test_every_path_is_named_under_what_became_of_it(self) -> None:
        text = render({"/gone": "1", "/same": "1", "/other": "1"}, {"/same": "1", "/other": "2", "/new": "1"})
        kinds = re.findall(r"### (\w+) \(1\)\n\n` (\S+) `", text)
        assert kinds == [("Removed", "/gone"), ("Changed", "/other"), ("Added", "/new")]
        assert "/same" not in text

    def test_findings_come_before_the_paths_with_what_they_are_about(self) -> None:
        text = render({"/a": "1"}, {}, [Finding("Something is odd.", ("/a",)), Finding("So is this.")])
        assert (
            text.index("Checks: 2 to look at") < text.index("Something is odd.") < text.index("### Removed")
        )
        assert "Checks: nothing found" in render({}, {})

    def test_many_paths_are_cut_and_counted(self) -> None:
        text = render({}, {f"/{i:04}": "" for i in range(PATHS_LIMIT + 7)})
        assert f"### Added ({PATHS_LIMIT + 7})" in text
        assert "… and 7 more" in text
        assert f"/{PATHS_LIMIT:04}" not in text.split("### What changes")[0]

    def test_a_diff_shows_both_sides_of_a_change(self) -> None:
        spans = shown(render({"/a": "keep\nold"}, {"/a": "keep\nnew"}))
        assert [line for line in spans if line in ("keep", " keep", "-old", "+new")][-2:] == ["-old", "+new"]

    def test_a_diff_is_cut_at_its_limit_and_says_how_many_memories_it_leaves_out(self) -> None:
        after = {f"/{i}": "\n".join(str(n) for n in range(150)) for i in range(9)}
        text = render({}, after)
        lines = shown(text.split("### What changes, line by line")[1])
        assert len(lines) == DIFF_LINES_LIMIT
        assert "6 more memories differ" in text

    def test_bodies_are_read_only_as_far_as_there_is_room(self) -> None:
        after = {f"/{i}": "\n".join(str(n) for n in range(DIFF_LINES_LIMIT)) for i in range(3)}
        changes = compare({}, listing_of(after))

        def bodies() -> Iterator[tuple[str, str, str]]:
            yield "/0", "", after["/0"]
            pytest.fail("a body was read that there is no room for")

        render_review(FACTS, {}, listing_of(after), changes, [], bodies())


NOTES = (
    LateNote(
        path="/a.md",
        late_path="/late/a.md",
        how="merged",
        by="session sesn_1",
        at=NOON,
        why="both changed it",
    ),
    LateNote(path="/b.md", how="created", by="", at=NOON),
)


class TestLateWrites:
    """What reached the input meanwhile stands in the report: before the decision as a forecast, after it as a fact."""

    def test_each_has_its_line(self) -> None:
        section = render_late(NOTES, is_done=False)
        assert section.startswith("### Late writes so far (2)\n")
        assert shown(section)[1:] == [
            "/a.md: merged, beside in /late/a.md; session sesn_1, 2026-11-20 12:00; both changed it",
            "/b.md: created; writer unknown, 2026-11-20 12:00",
        ]
        assert render_late(NOTES, is_done=True).startswith("### Late writes (2)\n")
        assert render_late((), is_done=True) == ""

    def test_many_are_counted(self) -> None:
        section = render_late(NOTES * PATHS_LIMIT, is_done=True)
        assert shown(section)[-1] == f"… and {PATHS_LIMIT} more"
        assert len(shown(section)) == PATHS_LIMIT + 2

    @given(HOSTILE_PATHS, HOSTILE_PATHS)
    def test_paths_are_nothing_but_shown(self, path: str, late_path: str) -> None:
        note = LateNote(path=path, late_path=late_path, how="beside", by=path, at=NOON)
        tokens = list(tokens_of(render_late([note], is_done=True)))
        assert {re.sub("_(open|close)$", "", token.type) for token in tokens} <= OWN
        assert not any("evil" in token.content for token in tokens if token.type == "text")

    @given(
        st.dictionaries(HOSTILE_PATHS, HOSTILE, max_size=2),
        st.dictionaries(HOSTILE_PATHS, HOSTILE, max_size=2),
    )
    def test_what_was_done_takes_the_place_of_what_was_foretold(
        self, before: dict[str, str], after: dict[str, str]
    ) -> None:
        report = render(before, after)
        foretold = with_late(report, render_late(NOTES, is_done=False))
        done = with_late(foretold, render_late(NOTES[:1], is_done=True))
        assert done == with_late(report, render_late(NOTES[:1], is_done=True))
        assert with_late(done, "") == report
        assert done.count("### Late writes (1)") == 1
        assert "so far" not in done
