"""The audit record: whole, in one page, and inert whatever memories, reviewers and agents wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from dreamflow.core.late_writes import LateNote
from dreamflow.core.review import Decision, DreamFacts, Edit, Evidence, Finding, RestoreFacts, Score
from dreamflow.rendering import record as recording
from dreamflow.rendering.record import render_record
from tests.unit.reviewing import review_of
from tests.unit.support import NOON

#: What would do something in a page, were it not text.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title></textarea><svg onload=alert(1)>",
    "{{ 1234567*9 }}{% include 'record.css' %}",
    "{0.__class__} %(x)s %s",
    "![x](http://evil.example/x.png) <http://evil.example>",
    "\x1b[31mred\u202egnp.exe\u2066",
    "]]><!--",
    "&lt;b&gt;",
)
SECRET = "sk-ant-api03-abcdefgh12345678ABCDEFGH"


class Page(HTMLParser):
    """What a browser would make of a page: its elements, with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.text += " " * (tag in ("td", "th"))

    def handle_data(self, data: str) -> None:
        self.text += data * (self.elements[-1:] != [("style", {})])


def page_of(before: dict[str, str], after: dict[str, str], **more: Any) -> Page:
    review = review_of(before, after, **more)
    texts = ((c.path, before.get(c.path, ""), after.get(c.path, "")) for c in review.changes)
    return Page(render_record(review, texts))


def said(page: Page) -> str:
    return re.sub(r"\s+", " ", page.text)


@pytest.fixture(scope="module")
def hostile() -> Page:
    """Return a page with hostile text wherever there is text of others."""
    every = "\n".join(HOSTILE)
    finding = Finding(
        id="f1",
        check="ungrounded",
        severity="flag",
        path=f"/{HOSTILE[0]}.md",
        line=1,
        message=every,
        paths=tuple(f"/{text}" for text in HOSTILE),
        evidence=(
            Evidence(what=every, quote=every, session_id=HOSTILE[1], event_id=HOSTILE[2], role=HOSTILE[3]),
            Evidence(path=HOSTILE[0], line=3),
        ),
    )
    note = LateNote(
        path=every, into=(every,), late_path=every, how="beside", by=every, at=NOON, writes=2, why=every
    )
    return page_of(
        {f"/before/{text}.md": text for text in HOSTILE} | {"/edit.md": f"one\n{every}\nlast\n"},
        {f"/after/{text}.md": text for text in HOSTILE}
        | {"/edit.md": f"one\n{every.replace('alert', 'prompt')}\nlast"},
        findings=(finding,),
        verdict="flagged",
        run_id=HOSTILE[0],
        dream=DreamFacts(id=HOSTILE[0], sessions=HOSTILE, instructions=every, usage={HOSTILE[1]: 1}),
        restore=RestoreFacts(
            ancestor_id=every, paths=HOSTILE, warnings=HOSTILE, carried=(note,), left_behind=HOSTILE
        ),
        late=(note,),
        late_warning=every,
        edits=(Edit(at=NOON, by=every, action="write", path=every),),
        decision=Decision(decision="Adopt", by=every, at=NOON, comment=every, ticked=("f1", HOSTILE[0])),
    )


def test_hostile_text_makes_no_element_and_no_attribute(hostile: Page) -> None:
    known = {
        *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "nav", "section"),
        *(
            "article",
            "p",
            "h1",
            "h2",
            "h3",
            "small",
            "colgroup",
            "col",
            "b",
            "i",
            "em",
            "q",
            "a",
            "div",
            "span",
            "code",
            "br",
        ),
        *("dl", "dt", "dd", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "blockquote", "cite"),
    }
    attributes = {
        *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "scope", "colspan"),
        *("aria-label", "aria-hidden", "style"),
    }
    assert {tag for tag, _ in hostile.elements} <= known
    assert {name for _, attrs in hostile.elements for name in attrs} <= attributes
    assert "<script>alert(1)</script>" in hostile.text
    assert "11111103" not in hostile.text


def test_it_loads_nothing_runs_nothing_and_leads_nowhere(hostile: Page) -> None:
    policy = next(attrs for tag, attrs in hostile.elements if "http-equiv" in attrs)
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert all((attrs["href"] or "").startswith("#") for tag, attrs in hostile.elements if "href" in attrs)
    styles = [attrs["style"] or "" for _, attrs in hostile.elements if "style" in attrs]
    assert all(re.fullmatch(r"width: [\d.]+%", style) for style in styles)


def test_what_text_hides_is_shown(hostile: Page) -> None:
    assert "<U+202E>" in hostile.text
    assert not {"\u202e", "\u2066", "\x1b"} & set(hostile.text)


def test_a_secret_is_never_shown_whole() -> None:
    key = f"-----BEGIN PRIVATE KEY-----\n{'Ab1' * 20}\n{'Cd2' * 20}\n-----END PRIVATE KEY-----\n"
    finding = Finding(
        id="1", check="secret", severity="block", message=SECRET, evidence=(Evidence(quote=SECRET),)
    )
    page = page_of(
        {"/a.md": f"the key is {SECRET}\n", "/k.md": key},
        {"/a.md": f"the key is {SECRET[:-4]}WXYZ\n", "/k.md": key.replace("Cd2", "Ef3")},
        findings=(finding,),
        verdict="blocked",
        edits=(Edit(at=NOON, by="Ada", action="write", path=f"/{SECRET}.md"),),
        decision=Decision(decision="Reject", by="Ada", at=NOON, comment=SECRET),
    )
    for secret in (SECRET, "abcdefgh", "WXYZ", "Ab1" * 5, "Cd2" * 5, "Ef3" * 5):
        assert secret not in page.text
    assert "the secret in it changed" in page.text


def test_it_tells_every_path_and_every_line_that_differs() -> None:
    before = {f"/{n}/{'x' * 900}.md": f"old {n}\n" for n in range(120)}
    after = {path: text.replace("old", "new") for path, text in before.items()}
    page = page_of(before, after)
    for path in before:
        assert path in page.text
    assert all(f"old {n}" in page.text and f"new {n}" in page.text for n in range(120))


def test_what_it_has_no_room_for_it_says_with_where_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LINES", 8)
    monkeypatch.setattr(recording, "LINES_EACH", 5)
    after = {f"/{name}.md": "".join(f"{name}{n}\n" for n in range(9)) for name in "abc"}
    review = review_of({}, after)
    read: list[str] = []

    def texts() -> Iterator[tuple[str, str, str]]:
        for change in review.changes:
            read.append(change.path)
            yield change.path, "", after[change.path]

    page = Page(render_record(review, texts()))
    told = said(page)
    assert (
        "4 more lines of this change are not in this record, which has room for 5 of a memory and 8" in told
    )
    assert "6 more lines of this change are not in this record" in told
    assert "The lines of this change are not in this record, which has room for 8." in told
    assert told.count("Both texts are in the stores, under the versions named above") == 3
    assert "c0" not in told
    assert read == ["/a.md", "/b.md"], "no more is read than there is room for"


def test_a_very_long_line_is_cut_and_says_so() -> None:
    page = page_of({}, {"/a.md": "x" * 100_000})
    assert "x" * 4_000 in page.text
    assert "x" * 4_001 not in page.text
    assert "… (96,000 more characters)" in page.text


def test_it_tells_who_looked_at_what_and_decided_how() -> None:
    findings = tuple(
        Finding(id=name, check=name, severity="flag", message=f"about {name}") for name in ("seen", "unseen")
    )
    decision = Decision(
        decision="Adopt", by="Ada", at=NOON, comment="looks\n  fine", ticked=("seen", "gone"), digest="d1"
    )
    page = page_of({}, {"/a.md": "a"}, findings=findings, verdict="flagged", decision=decision)
    told = said(page)
    assert "seen ✓ looked at by Ada" in told
    assert "unseen not ticked" in told
    assert "1 of them are no longer found: gone" in told
    assert "looks\n  fine" in page.text
    assert "Adopt by Ada, 2026-11-20 12:00 UTC" in told
    nobody = page_of({}, {"/a.md": "a"}, decision=decision.model_copy(update={"looked": False}))
    assert "nobody looked" in said(nobody)


def test_it_tells_of_an_edit_that_may_not_be_done() -> None:
    edits = (
        Edit(at=NOON, by="Ada", action="take_back", path="/a.md"),
        Edit(at=NOON, by="Bo", action="delete", path="/b.md", done=False),
    )
    told = said(page_of({}, {}, edits=edits))
    assert "Ada take back /a.md" in told
    assert "Bo delete begun: whether it was done is not known /b.md" in told


def test_it_tells_cost_and_score() -> None:
    dream = DreamFacts(
        id="drm_1",
        sessions=("sesn_1",),
        usage={"input_tokens": 1200, "output_tokens": 34},
        list_cost=1.5,
        seconds=61,
    )
    score = Score(
        sessions_found=(0.5, 0.75), input_found=(None, 1.0), sessions_asked=80, ungrounded=3, lost=2
    )
    told = said(page_of({}, {"/a.md": "a"}, dream=dream, score=score))
    assert "USD 1.50 list cost 1,234 tokens, 1 min 1 s" in told
    assert "within 500 tokens; 80 asked for 50.0% 75.0%" in told
    assert "n/a 100%" in told
