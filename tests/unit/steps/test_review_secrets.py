"""No secret is in full in anything that a review leaves, also none that only the lines around it give away."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from dreamflow.errors import RequestRejected
from dreamflow.steps.carry import carry_late_writes
from tests.unit.running import night_of
from tests.unit.service import Service
from tests.unit.steps.test_review import dreamed_over, found, fresh, kept, review

NEW, OLD = ["q7wz9-11pax", "zz19x-0plmk", "k3m4p-77qrs"], ["xap11-9zw7q", "kmlp0-x91zz", "srq77-p4m3k"]
SAID = ["h4j5k-66lop", "n8b7v-55cxz"]
PASSWORD = "Horse7Battery9"


def codes(*of: str) -> str:
    return "Recovery codes:\n" + "".join(f"- {code}\n" for code in of)


def test_a_secret_under_a_heading_or_in_a_table_is_in_no_file_and_no_log(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = {"/old.md": codes(*OLD) + "Ada has order LK-48190.\n"}
    after = {
        "/old.md": "Nothing.\n",
        "/new.md": codes(*NEW),
        "/table.md": f"| Site | Password |\n|---|---|\n| Leeds | {PASSWORD} |\n",
        "/door.md": "The door code is 479113.\n",
    }
    night = fresh(night_of(service, f"file://{tmp_path}/reports", before, after))
    dreamed_over(night, f"{codes(*SAID, NEW[0])}That is of order LK-48190.")
    with caplog.at_level(logging.INFO):
        review(night)
    assert {one.path for one in found(kept(night), "ungrounded")} == {"/door.md", "/new.md", "/table.md"}
    assert found(kept(night), "lost")
    files = {path.name: path.read_text() for path in (tmp_path / "reports").rglob("*.*") if path.is_file()}
    assert files.keys() >= {"review.json", "review.html", "report.md", "evidence.json", "journal.json"}
    for name, text in {**files, "the log": caplog.text}.items():
        for secret in (*NEW, *OLD, *SAID, PASSWORD, "“4791", "is 4791"):
            assert secret not in text, name


def table(rows: int) -> str:
    """Return a table of logins: what its last column holds only its head tells."""
    head = "| Service | User | Password |\n|---|---|---|\n"
    return head + "".join(
        f"| service{n} | user{n}@acme.example | Blue{n}-Fish{n * 37} |\n" for n in range(rows)
    )


def test_words_that_are_quoted_have_no_secret_that_lines_far_above_them_give_away(
    service: Service, tmp_path: Path
) -> None:
    """The quotes begin in the middle of a table, of a list, of a key file: what tells is not in them."""
    key = "".join(f"MIIzz{n:02}QhW7Lp3/Vd9xKt{n:02}\n" for n in range(30))
    key = "-----BEGIN " + f"PRIVATE KEY-----\n{key}-----END " + "PRIVATE KEY-----\n"
    listed = [f"k{n:02}zq-7{n:02}wx" for n in range(24)]
    before = {"/logins.md": table(12), "/list.md": codes(*listed)}
    new = f"Ask user10@acme.example of {listed[20]}, MIIzz20QhW7Lp3 and user31@acme.example.\n"
    after = {**before, "/new.md": new}
    night = fresh(night_of(service, f"file://{tmp_path}/reports", before, after))
    dreamed_over(night, table(40), f"{key}That was it.", codes(*listed))
    review(night)
    files = {path.name: path.read_text() for path in (tmp_path / "reports").rglob("*.*") if path.is_file()}
    for asked in ("user10@acme.example", "user31@acme.example"):
        assert any(f"service{asked[4:6]} | {asked} | " in text for text in files.values()), "it is quoted"
    secrets = [f"{n}-{fish}{n * 37}" for n in range(1, 40) for fish in ("Fish", "fish")]
    for name, text in files.items():
        for one in (*secrets, *(each for each in listed if each != listed[20]), "QhW7Lp3/Vd9"):
            assert one not in text, (name, one)


KEY = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"


def test_a_secret_in_a_path_is_in_nothing_that_tasks_hand_on_and_in_no_log(
    service: Service, location: str, caplog: pytest.LogCaptureFixture
) -> None:
    path, moved = f"/late/{KEY}.md", f"/{KEY}/a.md"
    before = {path: "old", "/a.md": "one\ntwo\nthree\n", "/b.md": "x\n"}
    reviewed = {path: "dreamed", moved: "one\n2\nthree\n"}
    night = night_of(service, location, before, reviewed, late={path: "late", "/a.md": "one\nzwei\nthree\n"})
    with caplog.at_level(logging.INFO):
        carried = carry_late_writes(night.world, night.run, night.swap)[0].to_json()
        night.repoint()
        night.verify()
        service.put(night.input_id, f"/new/{KEY}.md", "Later still.")
        retired = night.retire().to_json()
    assert carried["counts"] == {"beside": 2, "kept_beside": 2}
    assert retired["counts"] == {"created": 1, "kept_beside": 0}
    for told in (str(carried), str(retired), caplog.text):
        assert "sk_l…" in told
        assert KEY not in told


def test_a_secret_in_a_path_is_in_no_error(service: Service, location: str) -> None:
    night = night_of(service, location, {}, {f"/{KEY}.md": "dreamed"})
    held = night.hook.list_memories(night.output_id)[f"/{KEY}.md"]
    other = held._replace(sha256="0" * 64)
    for path, expected in ((f"/{KEY}.md", other), (f"/{KEY}.md", None), (f"/{KEY}.md/..", None)):
        with pytest.raises(RequestRejected) as refused:
            night.hook.write_memory(night.output_id, path, "mine", expected)
        assert "sk_l…" in str(refused.value)
        assert KEY not in str(refused.value)


def test_who_wrote_late_is_named_and_blocks_no_night_after(service: Service, tmp_path: Path) -> None:
    """An agent with an API key writes late; the next dream folds in what was kept beside, with who wrote it."""
    first = night_of(
        service,
        f"file://{tmp_path}/reports",
        {"/acme.md": "Acme pays net 30 days\n"},
        {"/acme.md": "Acme Corp. settles within 30 days of invoice\n"},
        late={"/acme.md": "Acme is broke as of May\n"},
    )
    first.adopt()
    live = service.contents(first.output_id)
    (writer,) = {word for word in live["/late/acme.md"].split() if word.startswith("apikey_")}

    folded = f"Acme Corp. settles within 30 days of invoice; broke as of May, says API key {writer}.\n"
    told = live["/late/acme.md"].replace("API key", "the desk's API key")
    dreams = {"folded in": {"/acme.md": folded}, "left, and written on": {**live, "/late/acme.md": told}}
    for number, dreamed in enumerate(dreams.values()):
        second = fresh(night_of(service, f"file://{tmp_path}/{number}", live, dreamed))
        dreamed_over(second, "Acme is broke as of May.")
        review(second)
        assert not found(kept(second), "secret")
        assert kept(second).verdict != "blocked"
        assert writer in (tmp_path / str(number) / "support/manual__1/review.html").read_text()
        assert "[key]" not in kept(second).model_dump_json()

    spoilt = folded.replace(writer, "sk-ant-" + "api03-" + "aB3dE5gH7jK9" * 8)
    third = fresh(night_of(service, f"file://{tmp_path}/spoilt", live, {"/acme.md": spoilt}))
    dreamed_over(third, "Acme is broke as of May.")
    review(third)
    assert (kept(third).verdict, len(found(kept(third), "secret"))) == ("blocked", 1)
