"""A fleet's run: its members in a list, the worst first, and what a reader finds there."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest

from dreamflow.core.fleet_review import MemberRow, undecided_digest
from dreamflow.core.fleets import Outcome
from dreamflow.core.handoffs import Decided
from dreamflow.records.journal import Refused
from tests.unit.review.fleet_scene import CLEAN, FLAGGED, SECRET, FleetScene
from tests.unit.review.reading import Page, page_of

RUN = "manual__many"


def members_in(html: str) -> list[str]:
    return [cell.text.split()[0] for cell in page_of(html).all("td", class_="who")]


def questions_in(html: str) -> list[dict[str, Any]]:
    (footer,) = page_of(html).all("footer")
    found: list[dict[str, Any]] = json.loads(unescape(footer.attributes["data-questions"]))
    return found


@pytest.fixture
def three(fleet: FleetScene) -> FleetScene:
    fleet.member("shop-clean", CLEAN)
    fleet.member("shop-flagged", FLAGGED)
    fleet.member("shop-secret", SECRET)
    fleet.ask()
    return fleet


def id_of(fleet: FleetScene, name: str) -> str:
    return next(id_ for id_, called in fleet.names.items() if called == name)


def test_members_are_listed_the_worst_first_with_what_was_found(three: FleetScene) -> None:
    html = three.get()
    assert members_in(html) == ["shop-secret", "shop-flagged", "shop-clean"]
    text = re.sub(r"\s+", " ", page_of(html).text)
    assert "3 members of 3 to decide on: 1 blocked, 1 flagged, 1 clean." in text
    for check in ("secret", "ungrounded"):
        assert f'<span class="check-name">{check}' in html


def test_a_member_leads_to_its_own_review_and_that_back_and_to_the_next(three: FleetScene) -> None:
    flagged, secret = id_of(three, "shop-flagged"), id_of(three, "shop-secret")
    assert f'href="?member={flagged}"' in three.get()
    html = three.get(member=flagged)
    assert "ZZ4821" in html
    nav = next(one for one in page_of(html).all("nav", class_="member"))
    assert "shop-flagged" in nav.text
    links = {link.attributes["href"] for link in page_of(html).all("a")}
    assert {three.page, f"?member={secret}"} <= links
    assert f'rel="next" href="?member={flagged}"' in three.get(member=secret)


def test_every_address_of_a_members_page_is_about_that_member(three: FleetScene) -> None:
    flagged = id_of(three, "shop-flagged")
    html = three.get(member=flagged)
    for link in page_of(html).all("a"):
        href = link.attributes["href"]
        if href.startswith("?") or "/memory" in href or "/api/" in href:
            assert "member=" in href, href
    assert "ZZ4821" in three.get("/changes", member=flagged)
    assert "ZZ4821" in three.get("/memory", member=flagged, path="/a.md")
    assert three.state(member=flagged)["verdict"] == "flagged"


def test_a_member_of_another_run_and_none_are_not_found(three: FleetScene) -> None:
    reader = three.browser()
    for member in ("depl_other", "..", "%2e%2e", "open", "../../support"):
        assert reader.get(three.page, params={"member": member}).status_code == 404, member
    for route in ("/changes", "/memory?path=/a.md", "/late"):
        assert reader.get(three.page + route).status_code == 404, route


def test_a_plain_pipeline_has_no_members(scene_of: Any) -> None:
    scene = scene_of({"/a.md": "One.\n"}, {"/a.md": "Two.\n"})
    assert scene.browser().get(scene.page, params={"member": "depl_1"}).status_code == 404


def many(fleet: FleetScene) -> list[MemberRow]:
    rows = [
        MemberRow(
            id=f"depl_{n:04}",
            name=f"shop-{n:04}",
            verdict="flagged" if n < 120 else "clean",
            flags=200 - n if n < 120 else 0,
            checks={"lost": 200 - n} if n < 120 else {},
            digest=f"{n:064}",
            state="waiting" if n < 120 else "adopted",
            by="" if n < 120 else "approval.mode: when_flagged",
        )
        for n in range(1000)
    ]
    fleet.run.write_rows(0, rows)
    fleet.airflow.ask(fleet.dag_id, fleet.run_id)
    return rows


def test_the_list_is_paged_and_looked_through_by_state_and_by_text(fleet: FleetScene) -> None:
    many(fleet)
    assert members_in(fleet.get()) == [f"shop-{n:04}" for n in range(50)]
    assert members_in(fleet.get(page=3, state="waiting")) == [f"shop-{n:04}" for n in range(100, 120)]
    assert members_in(fleet.get(text="SHOP-0999")) == ["shop-0999"]
    assert members_in(fleet.get(text="depl_0007")) == ["shop-0007"]
    assert members_in(fleet.get(page=99, text="shop-099")) == [f"shop-{n:04}" for n in range(990, 1000)]
    assert "No member is like that." in fleet.get(text="nobody")
    assert "880 adopted" in fleet.get()


def test_the_rest_is_bound_to_what_is_shown(fleet: FleetScene) -> None:
    rows = many(fleet)
    (asked,) = questions_in(fleet.get())
    assert asked["digest"] == undecided_digest(rows)
    assert len(asked["ticks"]) == 120
    assert asked["answer"].endswith("/taskInstances/approve/-1/hitlDetails")
    assert fleet.state()["waiting"] == 120


def test_the_questions_of_all_shards_are_answered_from_one_page(fleet: FleetScene) -> None:
    ids = [fleet.member(f"shop-{n}", FLAGGED) for n in range(3)]
    fleet.ask(rows={0: ids[:1], 1: ids[1:]})
    html = fleet.get()
    first, second = questions_in(html)
    assert first["answer"].endswith("/approve/0/hitlDetails")
    assert second["answer"].endswith("/approve/1/hitlDetails")
    assert [tick.split()[0] for tick in first["ticks"]] == ids[:1]
    assert {tick.split()[0] for tick in second["ticks"]} == set(ids[1:])
    assert fleet.decide(ids[2], "Reject").status_code == 200
    assert len(questions_in(fleet.get())[1]["ticks"]) == 1


def test_what_became_of_members_elsewhere_shows_at_once(three: FleetScene) -> None:
    clean, flagged = id_of(three, "shop-clean"), id_of(three, "shop-flagged")
    decided = Decided(decision="Adopt", by="approval.mode: when_flagged", at=three.nights[clean].world.now())
    three.nights[clean].run.note(decision=decided)
    failed = Outcome(state="failed", why="deployment is gone <b>")
    three.nights[flagged].run.note(tasks={"repoint": failed})
    text = page_of(three.get()).text
    assert "adopted by approval.mode: when_flagged" in text
    assert "deployment is gone <b>" in text


def test_an_answer_that_was_not_taken_is_told(three: FleetScene) -> None:
    at = next(iter(three.nights.values())).world.now()
    three.run.note_refused(
        Refused(decision="Adopt", by="ben", at=at, why="not looked at: 1 member with flags")
    )
    assert "Adopt by ben was not taken: not looked at: 1 member with flags" in three.get()
    assert three.state()["refused"]["by"] == "ben"


def test_what_was_answered_shows_and_nothing_can_be_done_then(three: FleetScene) -> None:
    three.airflow.answer(three.dag_id, three.run_id, "Reject", "ben")
    html = three.get()
    assert "Answered: <b>Reject</b>, by ben" in html
    assert not page_of(html).all("button")


def test_a_viewer_reads_the_list_and_may_tick_and_answer_nothing(three: FleetScene) -> None:
    page = page_of(three.get(user="vic"))
    assert len(page.all("td", class_="who")) == 3
    assert not page.all("button")
    assert not page.all("input", type="checkbox")
    assert "Answering needs the right" in page.text
    three.ask("ben")
    assert "Their question is for ben" in three.get()


def test_before_the_review_the_page_says_so_and_has_no_answer(fleet: FleetScene) -> None:
    fleet.airflow.ask(fleet.dag_id, fleet.run_id)
    html = fleet.get()
    assert "No review yet" in html
    assert not page_of(html).all("footer")


def test_the_picture_in_airflows_question_says_how_many_are_left(three: FleetScene) -> None:
    picture = three.browser().get(f"{three.api}/state.svg")
    assert "3 of 3 to decide on" in picture.text
    assert three.decide(id_of(three, "shop-flagged"), "Reject").status_code == 200
    assert "2 of 3 to decide on" in three.browser().get(f"{three.api}/state.svg").text


def test_the_list_is_there_as_json(three: FleetScene) -> None:
    listed = three.browser().get(three.api).json()
    assert [one["name"] for one in listed["members"]] == ["shop-secret", "shop-flagged", "shop-clean"]
    assert listed["members"][0]["verdict"] == "blocked"


HOSTILE = (
    "<script>document.title = 'owned'</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "shop\u202egnp.exe\u200b\x07",
    "AKIAIOSFODNN7EXAMPLE",
    "javascript:alert(1)",
    "a" * 3000,
)


def test_what_members_are_called_is_inert_wherever_it_shows(fleet: FleetScene) -> None:
    ids = [fleet.member(name, FLAGGED) for name in HOSTILE]
    fleet.ask()
    pages = [fleet.get(), fleet.get(text="<script>"), *(fleet.get(member=id_) for id_ in ids)]
    for html in pages:
        page: Page = page_of(html)
        assert not page.all("img")
        assert all(one.attributes["src"].startswith("/dreamflow/static/") for one in page.all("script"))
        assert not [name for one in page.elements for name in one.attributes if name.startswith("on")]
        assert "AKIAIOSFODNN7EXAMPLE" not in html
        assert not [character for character in "\u202e\u200b\x07" if character in html]
        assert "{{ 7 * 7 }}" in html or not re.search(r"(?<![\w:.])49(?![\w:.])", page.text)
    assert "<script>document.title" in page_of(pages[0]).text
