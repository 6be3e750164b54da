"""What a reviewer reads: the verdict first, every change whole, and after the decision who decided what."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dreamflow import storage
from dreamflow.core.handoffs import Decided
from dreamflow.core.late_notes import LateNote
from dreamflow.core.review import Evidence
from dreamflow.steps.review import keep_decision
from tests.unit.review.conftest import Scene
from tests.unit.review.reading import page_of

BEFORE = {
    "/index.md": "- [Team](/team.md)\n",
    "/team.md": "Nadia Ferreira leads.\nTom Okafor is in Leeds.\nThe sync runs at 02:15.\n",
    "/old.md": "The sync runs at 02:15 every night, says Marek Dudek.\nGone for good: XK-9921.\n",
}
AFTER = {
    "/index.md": "- [Team](/team.md)\n",
    "/team.md": "Nadia Ferreira leads.\nTom Okafor is in York.\n"
    "The sync runs at 02:15 every night, says Marek Dudek.\n",
    "/orders/a.md": "Order ZZ-48213 is lost.\n",
}


def test_the_verdict_comes_first_and_says_what_is_to_do(scene_of: Any) -> None:
    page = page_of(scene_of(BEFORE, AFTER).get(""))
    (verdict,) = page.all("h1")
    assert "Flagged" in verdict.text
    assert "to look at before this can be adopted" in verdict.text
    order = [element.attributes.get("id") for element in page.elements if "id" in element.attributes]
    parts = [part for part in order if part in ("summary", "findings", "files", "changes", "late", "decide")]
    assert parts == ["summary", "findings", "files", "changes", "late", "decide"]


def test_every_flag_has_a_box_and_leads_to_its_line(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    page = page_of(scene.get(""))
    review = scene.browser().get(scene.api).json()
    flags = [finding for finding in review["findings"] if finding["severity"] == "flag"]
    assert flags
    assert {box.attributes["data-id"] for box in page.all("input", class_="tick")} == {f["id"] for f in flags}
    ids = {element.attributes["id"] for element in page.elements if "id" in element.attributes}
    (invented,) = [flag for flag in flags if "ZZ-48213" in flag["message"]]
    jumps = [a.attributes["href"].partition("#")[2] for a in page.all("a", class_="jump")]
    assert any(jump.endswith(f"-a{invented['line']}") and jump in ids for jump in jumps)


def test_every_changed_line_is_on_the_page(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    for view in ("unified", "split"):
        page = page_of(scene.get("", view=view))
        lines = [cell.text for cell in page.all("td", class_="text")]
        for text in (*BEFORE.values(), *AFTER.values()):
            if text not in (BEFORE["/index.md"],):
                assert all(any(line in shown for shown in lines) for line in text.splitlines()), view


def test_a_line_that_went_leads_to_where_it_stands_now(scene_of: Any) -> None:
    moved = "The Paylane webhook is https://hooks.example.com/v2.\n"
    before = {"/a.md": f"Nadia leads.\n{moved}", "/b.md": "Tom is in Leeds.\n"}
    scene: Scene = scene_of(before, {"/a.md": "Nadia leads.\n", "/b.md": f"Tom is in Leeds.\n{moved}"})
    page = page_of(scene.get(""))
    (fate,) = page.all("span", class_="fate")
    assert fate.text == "moved to /b.md:2"
    ids = {element.attributes["id"] for element in page.elements if "id" in element.attributes}
    (jump,) = [a for a in page.all("a", class_="jump") if a.text == "/b.md:2"]
    assert jump.attributes["href"].partition("#")[2] in ids


def test_a_line_that_an_unchanged_memory_says_too_leads_there(scene_of: Any) -> None:
    twice = "The Paylane webhook is https://hooks.example.com/v2.\n"
    before = {"/a.md": f"Nadia leads.\n{twice}", "/b.md": f"Tom is in Leeds.\n{twice}"}
    page = page_of(scene_of(before, before | {"/a.md": "Nadia leads.\n"}).get(""))
    (fate,) = page.all("span", class_="fate")
    assert fate.text == "said again in /b.md:2"


def test_behind_every_line_that_went_stands_what_became_of_it(scene_of: Any) -> None:
    before = {"/a.md": "Nadia Ferreira leads the team.\nTom Okafor is in Leeds.\nBoxes are blue.\n"}
    after = {"/a.md": "Nadia Ferreira leads the team.\nTom Okafor is in York.\n"}
    scene: Scene = scene_of(before, after)
    for view in ("unified", "split"):
        page = page_of(scene.get("", view=view))
        assert [fate.text for fate in page.all("span", class_="fate")] == ["replaced by line 2", "gone"]
    record = page_of(storage.read_text(scene.night.run.report_uri))
    assert [note.text for note in record.all("em")] == ["replaced by line 2", "gone"]


#: Sixty memories that grow, more than a page looks through; the last gets a line of one that is removed.
MANY = {f"/m{n:02}.md": f"Memory {n} is about beds {n * 7}.\n" for n in range(60)}
GROWN = {path: f"{text}Checked by ward {text[7:9]}.\n" for path, text in MANY.items()}
WEBHOOK = "The Paylane webhook is https://hooks.example.com/v2.\n"
OTHERS = "".join(f"Box {n * 37} is blue and came from dock {n}.\n" for n in range(12))
LARGE = {"/a.md": OTHERS + WEBHOOK, **MANY}, {**GROWN, "/m59.md": GROWN["/m59.md"] + WEBHOOK}


def fates_told(scene: Scene) -> tuple[list[str], bool]:
    """Return what is told of the lines that went with /a.md, and whether it says that it looked no further."""
    page = page_of(scene.get("/memory", path="/a.md", side="before"))
    (article,) = page.all("article")
    return [fate.text for fate in page.all("span", class_="fate")], "Not looked further" in article.text


def test_where_a_line_went_is_known_however_many_other_memories_there_are(scene_of: Any) -> None:
    assert fates_told(scene_of(*LARGE)) == ([*["gone"] * 12, "moved to /m59.md:3"], False)


def test_where_it_is_not_kept_no_line_is_said_to_be_gone_that_may_stand_elsewhere(scene_of: Any) -> None:
    scene: Scene = scene_of(*LARGE)
    storage.delete(f"{scene.night.run.folder}/fates.json")
    assert fates_told(scene) == ([], True)


def test_a_new_specific_is_marked_by_whether_anything_says_it(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    page = page_of(scene.get(""))
    unsaid = "".join(mark.text for mark in page.all("span", class_="unsaid"))
    assert "ZZ-48213" in unsaid
    assert "02:15" not in unsaid
    answer = scene.browser().get(f"{scene.api}/evidence", params={"path": "/team.md", "line": 3, "start": 17})
    assert "02:15" in answer.text
    assert "/old.md" in answer.text or "/team.md" in answer.text
    nothing = scene.browser().get(
        f"{scene.api}/evidence", params={"path": "/orders/a.md", "line": 1, "start": 6}
    )
    assert "Nothing says it" in nothing.text


def test_lines_that_are_folded_can_be_unfolded(scene_of: Any) -> None:
    lines = [f"Line {n} stays.\n" for n in range(1, 31)]
    after = [*lines[:-1], "Line 30 changes.\n"]
    scene: Scene = scene_of({"/long.md": "".join(lines)}, {"/long.md": "".join(after)})
    page = page_of(scene.get(""))
    (fold,) = page.all("button", data_does="unfold")
    assert "Line 1 stays." not in page.text
    query = {name: fold.attributes[f"data-{name}"] for name in ("before", "after", "count")}
    unfolded = page_of(f"<body>{scene.get('/lines', path='/long.md', **query)}</body>")
    assert [row.text for row in unfolded.all("td", class_="text")] == [
        f"Line {n} stays." for n in range(1, 27)
    ]


def test_a_memory_with_a_long_diff_comes_in_parts_and_a_line_finds_its_part(scene_of: Any) -> None:
    lines = [f"Line {n} is new.\n" for n in range(1, 1001)]
    scene: Scene = scene_of({}, {"/long.md": "".join(lines)})
    assert "Part 1 of 3" in scene.get("")
    third = page_of(f"<body>{scene.get('/memory', path='/long.md', side='after', line=900)}</body>").text
    assert "Part 3 of 3" in third
    assert "Line 900 is new." in third
    assert "Line 400 is new." not in third


def test_many_memories_come_in_pages_and_the_tree_has_them_all(scene_of: Any) -> None:
    after = {f"/team{n % 7}/memory{n:03}.md": f"Fact {n} of it.\n" for n in range(90)}
    scene: Scene = scene_of({}, after)
    page = page_of(scene.get(""))
    assert len(page.all("li", class_="file")) == 90
    seen = set()
    for number in range(1, 5):
        part = page_of(f"<body>{scene.get('/changes', page=number)}</body>")
        seen |= {article.attributes["data-path"] for article in part.all("article", class_="change")}
    assert seen == set(after)


def test_an_unchanged_memory_can_be_read_whole(scene_of: Any) -> None:
    assert "[Team](/team.md)" in scene_of(BEFORE, AFTER).get("/memory", path="/index.md")


def test_the_history_of_a_memory_has_its_versions_in_both_stores(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    rows = scene.get("/history", path="/team.md")
    assert scene.night.input_id in rows
    assert scene.night.output_id in rows
    assert 'data-action="restore"' in rows
    assert 'data-action="restore"' not in scene.get("/history", "vic", path="/team.md")


def test_late_writes_are_forecast_as_of_now(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    scene.night.service.put(scene.night.input_id, "/new.md", "An agent wrote this just now.\n")
    assert "/new.md" in scene.get("/late")


def test_after_the_decision_the_page_is_the_record(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    night, at = scene.night, datetime(2026, 11, 21, 8, tzinfo=UTC)
    decided = Decided(decision="Reject", by="Ada", at=at, comment="XK-9921 must stay.", digest="d")
    night.run.note(decision=decided)
    keep_decision(night.world, night.run, decided)
    scene.answer("Reject")
    page = page_of(scene.get(""))
    (record,) = [part for part in page.all("footer") if part.attributes["id"] == "decide"]
    assert "Reject, by Ada, 2026-11-21 08:00 UTC" in record.text
    assert "XK-9921 must stay." in record.text
    assert not page.all("button", data_does="answer")
    assert not page.all("button", data_does="mend")


def test_before_the_review_the_page_says_so(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER, asked=False)
    scene.airflow.ask("dream__support", "manual__early")
    text = scene.browser().get("/dreamflow/review/dream__support/manual__early").text
    assert "No review yet" in text


def test_a_review_whose_file_was_cut_while_it_is_asked_about_is_there_again(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    run = scene.night.run
    scene.night.files.write_text(f"{run.folder}/review.json", '{"version": 1, "pipel')
    assert scene.browser().get(f"{scene.api}").json()["digest"] in scene.get("")
    assert run.read_review() is not None


def test_an_error_is_a_page_for_a_person_and_json_for_a_script(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    reader, address = scene.browser(), "/dreamflow/review/dream__support/none"
    assert "No review here" in reader.get(address, headers={"Accept": "text/html"}).text
    assert reader.get(address).json()["detail"]


def test_a_secret_in_a_path_is_in_no_rendering_of_the_review(scene_of: Any) -> None:
    key = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"
    folder = "/The wifi password is"
    paths = (f"/keys/{key}.md", f"{folder}/Tr0ub4dor9X/a.md", f"{folder}/Tr0ub4dor9X/b.md", f"{folder}/so.md")
    scene: Scene = scene_of({}, dict.fromkeys(paths, "Ask Nadia.\n"))
    record = Path(scene.night.run.report_uri.removeprefix("file://")).read_text(encoding="utf-8")
    page = re.sub(r'data-path="[^"]*"', "", scene.get(""))  # what an edit is sent with: nobody sees it
    sent = scene.browser().get(scene.api).text
    for told in (record, page, sent):
        assert key not in told
        assert "Tr0ub4dor9X" not in told
    assert [change["path"] for change in json.loads(sent)["changes"]].count("/keys/sk_l…[Stripe key].md") == 1


def test_a_secret_in_a_path_that_a_late_writes_reason_names_is_not_sent(scene_of: Any) -> None:
    key = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"
    scene: Scene = scene_of(BEFORE, AFTER)
    run = scene.night.run
    review = run.read_review()
    assert review is not None
    why = f"the same lines were changed in '/keys/{key}.md' too"
    note = LateNote(path="/a.md", how="beside", by="session sesn_1", at=review.made_at, why=why)
    scene.answer("Reject")
    run.write_review(review.model_copy(update={"late": (note,)}))
    sent = scene.browser().get(scene.api).json()
    assert [one["why"] for one in sent["late"]] == [
        "the same lines were changed in '/keys/sk_l…[Stripe key].md' too"
    ]


def test_the_history_of_a_memory_that_never_was_is_not_found(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    answer = scene.browser().get(f"{scene.page}/history", params={"path": "/never.md"})
    assert answer.status_code == 404
    assert "ever had that path" in answer.text
    assert "deleted" in scene.get("/history", path="/old.md")


def test_a_quote_that_an_earlier_release_kept_is_masked_as_secrets_are_known_now(scene_of: Any) -> None:
    scene: Scene = scene_of(BEFORE, AFTER)
    run = scene.night.run
    review = run.read_review()
    assert review is not None
    said = Evidence(quote="The wifi password is Tr0ub4dor.", session_id="sesn_1", event_id="sevt_1")
    found = tuple(finding.model_copy(update={"evidence": (said,)}) for finding in review.findings)
    assert found
    run.write_review(review.model_copy(update={"findings": found}))
    for told in (scene.get(""), scene.browser().get(scene.api).text):
        assert "sesn_1" in told
        assert "The wifi password is" in told
        assert "Tr0ub4dor" not in told
