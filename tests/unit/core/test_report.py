"""The question in Markdown: short, and memory text, paths included, is nothing but shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from dreamflow.core.report import LINE_LIMIT, PATHS_LIMIT, as_code_lines, render_question
from dreamflow.core.review import (
    DreamFacts,
    Edit,
    Finding,
    RestoreFacts,
    Review,
    Score,
    Severity,
    StoreFacts,
    verdict_of,
)
from dreamflow.core.visible import visible
from tests.unit.support import NOON

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
    "text", "softbreak", "hardbreak", "code_inline", "inline", "link", "image",
}  # fmt: skip


def tokens_of(markdown: str) -> Iterator[Token]:
    for token in RENDERER.parse(markdown):
        yield token
        yield from token.children or ()


def review_of(*findings: Finding, **more: Any) -> Review:
    facts: dict[str, Any] = {
        "pipeline": "support",
        "dag_id": "dream__support",
        "run_id": "manual__2026-11-27T02:00:00+00:00",
        "made_at": NOON,
        "digest": "d1" * 32,
        "verdict": verdict_of(findings),
        "input": StoreFacts(id="memstore_in", memories=1200, bytes=90_000),
        "output": StoreFacts(id="memstore_out", memories=900, bytes=70_000),
        "counts": {"added": 1, "changed": 2, "removed": 3, "unchanged": 4, "renamed": 0, "moved": 2},
        "findings": findings,
    }
    return Review(**{**facts, **more})


def finding(check: str, severity: Severity, *paths: str, path: str = "") -> Finding:
    return Finding(
        id=check + path, check=check, severity=severity, message="It is so.", path=path, paths=tuple(paths)
    )


def shown(markdown: str) -> list[str]:
    """Return what stands in code spans."""
    return [token.content for token in tokens_of(markdown) if token.type == "code_inline"]


def one_line(text: str) -> str:
    return visible(text.replace("\t", "    ")).replace("\n", "<U+000A>")


def test_no_secret_in_what_an_error_says_of_late_writes_is_in_the_question() -> None:
    key = "sk_live_" + "51HxQk2eZvKYlo2C9aB3xY7z"
    text = render_question(review_of(late_warning=f"could not write '/{key}.md' to memstore_1: it changed."))
    assert "sk_l…" in text
    assert key not in text


class TestHostileText:
    @given(st.lists(HOSTILE_PATHS, max_size=4), HOSTILE_PATHS, HOSTILE)
    def test_paths_and_errors_are_never_a_link_an_image_html_or_a_heading(
        self, paths: list[str], path: str, warning: str
    ) -> None:
        back = RestoreFacts(ancestor_id="memstore_0", paths=tuple(paths), left_behind=(path,))
        text = render_question(
            review_of(finding("secret", "block", *paths, path=path), restore=back, late_warning=warning)
        )
        tokens = list(tokens_of(text))
        assert {re.sub("_(open|close)$", "", token.type) for token in tokens} <= OWN
        assert not any("evil" in token.content for token in tokens if token.type == "text")
        links = [token.attrs["href"] for token in tokens if token.type == "link_open"]
        pictures = [token.attrs["src"] for token in tokens if token.type == "image"]
        assert len(links) == len(pictures) == 1
        assert all(str(address).startswith(("/dags/", "/dreamflow/")) for address in (*links, *pictures))
        headings = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]
        assert headings == ["Blocks (1)"]

    @given(st.lists(HOSTILE, min_size=1, max_size=6))
    def test_every_line_stands_whole_in_a_code_span_of_its_own(self, lines: list[str]) -> None:
        markdown = as_code_lines(lines)
        spans = shown(markdown)
        assert len(spans) == len(lines)
        for span, line in zip(spans, lines, strict=True):
            assert span == one_line(line) or not one_line(line).strip()
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
        (line,) = shown(as_code_lines([text]))
        assert line.isprintable()
        assert len(line.splitlines()) <= 1

    def test_a_long_line_is_cut_and_says_by_how_much(self) -> None:
        assert shown(as_code_lines(["x" * LINE_LIMIT])) == ["x" * LINE_LIMIT]
        (line,) = shown(as_code_lines(["x" * (LINE_LIMIT + 1234)]))
        assert line == f"{'x' * LINE_LIMIT}… (1,234 more characters)"


class TestWhatItSays:
    @pytest.mark.parametrize(
        ("findings", "word"),
        [([], "Clean"), ([finding("lost", "flag")], "Flagged"), ([finding("secret", "block")], "Blocked")],
    )
    def test_the_verdict_comes_first(self, findings: list[Finding], word: str) -> None:
        assert render_question(review_of(*findings)).startswith(f"**{word}:**")

    def test_the_way_to_the_tab_and_to_its_state_lead_to_this_run(self) -> None:
        text = render_question(review_of(), "https://airflow.example/base")
        run = "manual__2026-11-27T02%3A00%3A00%2B00%3A00"
        assert (
            f"(https://airflow.example/base/dags/dream__support/runs/{run}/plugin/dreamflow-review)" in text
        )
        assert f"(/base/dreamflow/api/reviews/dream__support/{run}/state.svg)" in text
        assert "(/dreamflow/api/reviews/" in render_question(review_of())

    def test_counts_sizes_and_score_are_in_lines_of_their_own(self) -> None:
        score = Score(
            sessions_found=(0.5, 0.75),
            input_found=(None, 1.0),
            ungrounded=2,
            lost=3,
            alike=(9, 4),
            bytes=(90, 70),
        )
        text = render_question(review_of(score=score))
        for line in (
            "- Memories: 1 added, 2 changed, 3 removed, 4 unchanged; of those 2 moved\n",
            "- Size: 90 → 70 bytes in 1200 → 900\n",
            "of what the sessions say 50% → 75%; of what the input held nothing asked → 100%\n",
            "New specifics that nothing says: 2; specifics that stand nowhere any more: 3; lines nearly alike: 9 → 4",
        ):
            assert line in text

    def test_findings_are_named_by_check_with_how_many_the_gravest_first(self) -> None:
        text = render_question(
            review_of(
                finding("index", "note", path="/index.md"),
                finding("lost", "flag", path="/a.md"),
                finding("lost", "flag", path="/b.md"),
                finding("secret", "block", path="/c.md"),
            )
        )
        assert re.findall(r"### (.+)\n\n\*\*(.+?)\*\* \((\d+)\)", text) == [
            ("Blocks (1)", "secret", "1"),
            ("To look at (2)", "lost", "2"),
            ("Notes (1)", "index", "1"),
        ]
        assert "It is so." not in text

    def test_a_secret_in_a_path_is_not_shown(self) -> None:
        key = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"
        found = Finding(
            id="a", check="protected", severity="flag", path=f"/keys/{key}.md", message="", paths=(f"/{key}",)
        )
        shown = render_question(review_of(found))
        assert key not in shown
        assert "/keys/sk_l…" in shown

    def test_it_stays_short_however_many_memories_a_check_is_about(self) -> None:
        text = render_question(review_of(finding("removed", "flag", *(f"/{n:04}.md" for n in range(2000)))))
        assert len(shown(text)) <= PATHS_LIMIT + 3
        assert f"… and {2000 - PATHS_LIMIT} more" in text

    def test_edits_and_the_dreams_cost_are_told(self) -> None:
        dream = DreamFacts(
            id="drm_1", sessions=("a", "b"), left_for_next_run=7, usage={"input_tokens": 1000}, list_cost=1.5
        )
        edit = Edit(at=NOON, by="Ada", action="write", path="/a.md")
        text = render_question(review_of(dream=dream, edits=(edit,)))
        assert "- Dream `drm_1`: 2 sessions, 1,000 tokens, USD 1.50; 7 wait for the next run\n" in text
        assert "- Edits by reviewers: 1\n" in text

    def test_it_says_which_digest_it_is_of_and_where_newer_ones_show(self) -> None:
        text = render_question(review_of())
        assert f"This text is of digest `{('d1' * 32)[:16]}`" in text
        assert "edits made since show in the Review tab" in text

    def test_a_restore_says_what_it_brings_back_and_its_warnings(self) -> None:
        back = RestoreFacts(
            ancestor_id="memstore_0", warnings=("Nothing is told of it.",), left_behind=("/x.md",)
        )
        text = render_question(review_of(restore=back))
        assert (
            "Goes back to memory store `memstore_0`, in a copy: `memstore_out`. The whole of it comes back."
            in text
        )
        assert "**Nothing is told of it.**" in text
        assert "0 carried, 1 left behind" in text
        assert "/x.md" in shown(text)
