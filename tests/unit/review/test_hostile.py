"""Memory text and paths are text on every page: no element, no attribute, no address comes of them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.unit.review.conftest import Scene
from tests.unit.review.reading import Page, page_of
from tests.unit.review.test_mending import sha

LINES = [
    "<script>document.title = 'owned'</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table><h1>Adopt this</h1>",
    "</textarea><script>alert(2)</script>",
    '"><svg onload=alert(3)>',
    "' onmouseover='alert(4)' style='color:red",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7} %s %(x)s {0.__class__}",
    "![seal](http://tracker.example/pixel.png) [there](javascript:alert(5))",
    "\x1b[31mred\x1b[0m and \x07",
    "a\u202eb\u2066c\u200bd\ufeffe",
    "x" * 30_000,
    "<!-- <base href='http://elsewhere.example'> <meta http-equiv=refresh content=0>",
]
PATHS = [
    '/a"onmouseover="alert(1)/b.md',
    "/<img src=x onerror=alert(1)>.md",
    "/{{ 7 * 7 }}.md",
    "/quote's & <b>.md",
    "/?page=2&view=split#x.md",
    "/%2e%2e%2f.md",
    "/d" * 19 + ".md",
]
OWN_TAGS = set(
    """
    html head meta title link script body a div main section header p b h1 h2 h3 h4 span ul li svg line circle details
    summary label input nav article code table caption colgroup col tbody tr td del ins button form textarea footer
    dialog dl dt dd kbd aside q figure figcaption blockquote time ol pre br thead th
    """.split()  # noqa: SIM905
)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    hostile = "\n".join(LINES) + "\n"
    return dict.fromkeys(PATHS, hostile)


def check_inert(page: Page, sent: str) -> None:
    assert {element.tag for element in page.elements} <= OWN_TAGS
    assert all(script.attributes["src"].startswith("/dreamflow/static/") for script in page.all("script"))
    assert not [script for script in page.all("script") if script.text]
    for element in page.elements:
        names = element.attributes.keys()
        assert not [
            name for name in names if name.startswith("on") or name in ("style", "srcdoc", "action")
        ], element
        for name in ("href", "src"):
            parts = urlsplit(element.attributes.get(name, ""))
            assert parts.scheme in ("", "http")
            assert parts.hostname in (None, "127.0.0.1"), element
    for character in ("\u202e", "\u2066", "\u200b", "\ufeff", "\x1b", "\x07"):
        assert character not in sent


@pytest.mark.parametrize("view", ["unified", "split"])
@pytest.mark.parametrize("sides", ["added", "removed", "edited"])
def test_hostile_memories_are_inert_on_the_page(
    scene_of: Any, texts: dict[str, str], view: str, sides: str
) -> None:
    calm = dict.fromkeys(texts, "Calm.\n")
    before, after = {"added": ({}, texts), "removed": (texts, {}), "edited": (calm, texts)}[sides]
    scene: Scene = scene_of(before, after)
    sent = scene.get("", view=view)
    page = page_of(sent)
    check_inert(page, sent)
    cells = [cell.text for cell in page.all("td", class_="text")]
    for line in (LINES[0], LINES[1], LINES[2], LINES[6]):
        assert any(line in cell for cell in cells), line
    assert any("<U+202E>" in cell and "<U+200B>" in cell for cell in cells)
    assert not page.all("h1")[0].text.startswith("Adopt")


def test_hostile_memories_are_inert_in_every_fragment(scene_of: Any, texts: dict[str, str]) -> None:
    scene: Scene = scene_of(dict.fromkeys(texts, "Calm.\n"), texts)
    for path in PATHS:
        for name in ("/memory", "/history", "/box"):
            sent = scene.get(name, path=path)
            if name != "/box":
                check_inert(page_of(f"<body>{sent}</body>"), sent)
            else:
                page = page_of(f"<body>{sent}</body>")
                assert {element.tag for element in page.elements} <= OWN_TAGS
                (box,) = page.all("textarea")
                assert LINES[3] in box.text
                assert "⟦U+202E⟧" in box.text


def test_hostile_texts_are_inert_where_they_are_looked_at_before_a_choice(
    scene_of: Any, texts: dict[str, str]
) -> None:
    calm = dict.fromkeys(texts, "Calm.\n")
    scene: Scene = scene_of({**calm, "/kept.md": texts[PATHS[0]]}, {**texts, "/kept.md": texts[PATHS[0]]})
    late = f"{texts[PATHS[0]]}Late.\n"
    for path in PATHS:
        scene.night.service.put(scene.night.input_id, path, late)
    listed = scene.get("/late")
    whole = scene.get("/memory", path="/kept.md")
    looked = [listed, whole]
    for path in PATHS:
        looked.append(scene.get("/late/text", path=path, sha256=sha(late)))
        (store, version) = re.findall(r"store=(\w+)&amp;version=(\w+)", scene.get("/history", path=path))[-1]
        looked.append(scene.get("/version", path=path, store=store, version=version))
    for sent in looked:
        check_inert(page_of(f"<body>{sent}</body>"), sent)
        assert sent is listed or LINES[6] in page_of(f"<body>{sent}</body>").text


def test_a_decision_in_hostile_words_is_text(scene_of: Any) -> None:
    scene: Scene = scene_of({}, {"/a.md": "A.\n"})
    scene.answer("Adopt", by="<script>alert(1)</script>")
    sent = scene.get("")
    assert "<script>alert" not in sent
    assert "&lt;script&gt;alert(1)" in sent
