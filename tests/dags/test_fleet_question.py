"""The one question about a fleet's members: whom it is about, what an answer does, and what is never adopted unseen."""

from __future__ import annotations

import pytest

from dreamflow import storage, tasks
from dreamflow.errors import StorageUnavailable
from tests.dags.fleet_nights import Fleet, FleetNight, MakeFleet
from tests.support.workspace import Workspace, dreams_on

RUN = "tonight"
Three = tuple[Workspace, Workspace, Workspace]


def question(night: FleetNight) -> str:
    return str(night.told.asked[-1]["body"])


def asked_about(fleet: Fleet, **params: object) -> tuple[FleetNight, Three]:
    """Let a clean member be adopted, and ask about two that are flagged."""
    clean, one, two = fleet.members("clean", "one", "two")
    night = fleet.reviewed(RUN, (one, two), **params)
    assert night.approve() == "asked"
    return night, (clean, one, two)


def is_adopted(fleet: Fleet, member: Workspace) -> bool:
    """Tell whether the member's agents work with the dream's output; where they don't, with what they had."""
    assert fleet.live(member) in (member.store, fleet.output(member, RUN))
    return fleet.live(member) != member.store


def test_clean_members_are_adopted_before_anybody_answers_and_the_flagged_are_one_question(
    fleet: Fleet,
) -> None:
    night, (clean, one, two) = asked_about(fleet)
    assert [is_adopted(fleet, member) for member in (clean, one, two)] == [True, False, False]
    assert len(fleet.told.asked) == 1
    text = question(night)
    assert "2 members" in text
    assert f"{fleet.name}-one" in text
    assert f"{fleet.name}-clean" not in text
    assert "ungrounded" in text
    assert sum("waits for your review" in title for title, _ in fleet.told.messages) == 1
    assert night.answer_rest("Adopt", looked_at=[one.deployment]) == "asked"
    assert not is_adopted(fleet, one)
    assert night.answer_rest("Adopt") == "decided"
    assert all(is_adopted(fleet, member) for member in (clean, one, two))
    assert set(night.run_rest().values()) == {"success", "skipped"}, night.errors
    assert all(fleet.is_archived(member.store) for member in (clean, one, two))


def test_what_a_member_is_called_is_no_markup_in_the_message_that_tells_of_the_question(fleet: Fleet) -> None:
    (member,) = fleet.members("<!channel> [Adopt now](https://evil.example)")
    assert fleet.reviewed(RUN, (member,)).approve() == "asked"
    ((_, told),) = [one for one in fleet.told.messages if "waits for your review" in one[0]]
    line = next(line for line in told.splitlines() if member.deployment in line)
    assert "Adopt now" in line
    assert not {"<", ">", "[", "]"} & {*line}


def test_the_worst_come_first(fleet: Fleet) -> None:
    few, many = fleet.members("a-few", "b-many")
    night = fleet.night(RUN)
    assert night.run((*tasks.UP_TO_THE_SWAP[:4],)) == "success", night.errors
    fleet.write(fleet.output(few, RUN), "/odd.md", "The owner is Zebulon Quux.")
    for number in range(3):
        fleet.write(
            fleet.output(many, RUN),
            f"/odd{number}.md",
            f"The owner of number {number} is Zebulon Quux{number}.",
        )
    assert night.run((tasks.REVIEW_CHANGES,)) == "success"
    assert night.approve() == "asked"
    text = question(night)
    assert text.index("b-many") < text.index("a-few")


def test_an_output_edited_behind_the_questions_back_is_not_adopted_unseen(fleet: Fleet) -> None:
    night, (_, one, two) = asked_about(fleet)
    fleet.write(fleet.output(two, RUN), "/behind.md", "Nobody saw this.")
    assert night.answer_rest("Adopt") == "asked"
    assert is_adopted(fleet, one)
    assert not is_adopted(fleet, two)
    assert "was edited" in fleet.journal(two, RUN).refused[-1].why
    assert night.answer_rest("Adopt", digest="0" * 64) == "asked"
    assert not is_adopted(fleet, two)


def test_a_stale_form_adopts_nobody(fleet: Fleet) -> None:
    night, (_, one, two) = asked_about(fleet)
    form = night.form()
    fleet.choose(night, one, "Reject")
    assert night.answer_rest("Adopt", digest=form["digest"]) == "asked"
    assert not is_adopted(fleet, two)
    assert "decided" in fleet.records.run(RUN).journal().refused[-1].why


def test_reject_gives_up_the_rest_even_one_that_was_mended_to_be_clean(fleet: Fleet) -> None:
    night, (clean, one, two) = asked_about(fleet)
    store = fleet.output(two, RUN)
    (odd,) = (
        memory
        for memory in fleet.client.beta.memory_stores.memories.list(store, limit=20)
        if memory.type == "memory" and memory.path == "/odd.md"
    )
    fleet.client.beta.memory_stores.memories.delete(odd.id, memory_store_id=store)
    assert night.answer_rest("Reject") == "decided"
    assert set(night.run_rest().values()) == {"success", "skipped"}, night.errors
    assert [is_adopted(fleet, member) for member in (clean, one, two)] == [True, False, False]
    assert all(fleet.is_archived(fleet.output(member, RUN)) for member in (one, two))
    assert not fleet.is_archived(one.store)


def test_no_answer_in_time_rejects_the_rest_and_keeps_what_was_decided_in_the_tab(fleet: Fleet) -> None:
    night, (_, one, two) = asked_about(fleet)
    fleet.choose(night, one, "Adopt")
    assert night.answer_rest("Reject", by=None) == "decided"
    assert [is_adopted(fleet, member) for member in (one, two)] == [True, False]
    decisions = [fleet.journal(member, RUN).decision for member in (one, two)]
    assert [(one.decision, one.by) for one in decisions if one] == [
        ("Adopt", "Grace"),
        ("Reject", "nobody (no answer in time)"),
    ]


def test_a_member_edited_after_it_was_decided_in_the_tab_is_asked_about_again(fleet: Fleet) -> None:
    night, (_, one, two) = asked_about(fleet)
    fleet.choose(night, one, "Adopt")
    fleet.write(fleet.output(one, RUN), "/behind.md", "Nobody saw this.")
    assert night.answer_rest("Reject", by=None) == "asked"
    assert not is_adopted(fleet, one)
    assert f"{fleet.name}-one" in question(night)
    assert night.answer_rest("Adopt") == "decided"
    assert is_adopted(fleet, one)
    assert not is_adopted(fleet, two)


def test_who_decides_on_a_member_while_its_run_writes_its_journal_is_told_that_it_was_late(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    night, (_, one, two) = asked_about(fleet)
    late: list[bool] = []
    write, seen = storage.write_text, fleet.run(one, RUN).own_answer(0)

    def write_meanwhile(uri: str, text: str) -> None:
        if uri == f"{fleet.run(one, RUN).folder}/journal.json" and not late:
            late.append(fleet.choose(night, one, "Reject", seen=seen))
        write(uri, text)

    monkeypatch.setattr(storage, "write_text", write_meanwhile)
    assert night.answer_rest("Adopt") == "decided"
    assert late == [False]
    assert all(is_adopted(fleet, member) for member in (one, two))


def test_a_member_decided_in_the_tab_while_the_rest_is_answered_has_its_own_answer(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    night, (_, one, two) = asked_about(fleet)
    chosen: list[bool] = []
    write = storage.write_text

    def write_meanwhile(uri: str, text: str) -> None:
        write(uri, text)
        if uri == f"{fleet.records.run(RUN).folder}/journal.json" and '"taken_for": {' in text and not chosen:
            chosen.append(fleet.choose(night, one, "Reject"))

    monkeypatch.setattr(storage, "write_text", write_meanwhile)
    assert night.answer_rest("Adopt") == "decided"
    assert chosen == [True]
    assert [is_adopted(fleet, member) for member in (one, two)] == [False, True]
    decision = fleet.journal(one, RUN).decision
    assert decision
    assert decision.by == "Grace"


def test_a_blocked_member_is_adopted_by_no_mode_and_no_answer(fleet: Fleet) -> None:
    clean, secret = fleet.members("clean", "secret")
    night = fleet.night(RUN, approval_mode="never")
    assert night.run(tasks.UP_TO_THE_SWAP[:4]) == "success", night.errors
    fleet.write(fleet.output(secret, RUN), "/key.md", "The key is AKIAIOSFODNN7EXAMPLE.")
    assert night.run((tasks.REVIEW_CHANGES,)) == "success"
    assert night.approve() == "asked"
    assert [is_adopted(fleet, member) for member in (clean, secret)] == [True, False]
    assert night.answer_rest("Adopt") == "asked"
    assert not is_adopted(fleet, secret)
    assert "AKIA" not in question(night)
    assert night.answer_rest("Reject") == "decided"


@pytest.mark.parametrize(("mode", "adopted"), [("required", False), ("never", True)])
def test_the_approval_mode_says_who_is_asked_about(fleet: Fleet, mode: str, adopted: bool) -> None:
    clean, flagged = fleet.members("clean", "flagged")
    night = fleet.reviewed(RUN, (flagged,), approval_mode=mode)
    assert night.approve() == ("decided" if adopted else "asked")
    assert [is_adopted(fleet, member) for member in (clean, flagged)] == [adopted, adopted]


def test_dream_again_is_one_run_for_those_members_each_with_its_words(fleet: Fleet) -> None:
    night, (clean, one, two) = asked_about(fleet)
    fleet.choose(night, one, "Dream again", "Shorter lines.")
    assert night.answer_rest("Dream again", "No owners.") == "decided"
    assert set(night.run_rest().values()) == {"success", "skipped"}, night.errors
    (conf,) = fleet.told.confs
    members = conf["dreamflow"]["members"]
    assert {id_: part["words"] for id_, part in members.items()} == {
        one.deployment: ["Shorter lines."],
        two.deployment: ["No owners."],
    }
    again = fleet.night("again_1__tonight", conf)
    assert again.run(tasks.UP_TO_THE_SWAP[:5]) == "success", again.errors
    assert [len(dreams_on(fleet.client, member.store)) for member in (clean, one, two)] == [1, 2, 2]
    newest = dreams_on(fleet.client, two.store)[0]
    assert newest.instructions is not None
    assert "No owners." in newest.instructions
    assert "Shorter" not in newest.instructions


def test_no_more_dreams_again_are_promised_than_the_night_has_room_for(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(night={"dreams": 4})
    night, (_, one, two) = asked_about(fleet)
    assert night.answer_rest("Dream again", "No owners.") == "asked"
    decided = [member for member in (one, two) if fleet.journal(member, RUN).decision]
    assert len(decided) == 1
    (left,) = {one, two} - set(decided)
    assert "nothing can be dreamed again tonight" in fleet.journal(left, RUN).refused[-1].why
    assert not fleet.is_archived(fleet.output(left, RUN))


@pytest.mark.parametrize("unread", ["read_roster", "FleetLedger.open"])
def test_an_answer_is_kept_though_the_records_of_the_fleet_can_not_be_read_just_now(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, unread: str
) -> None:
    night, (_, one, two) = asked_about(fleet)

    def away(*_: object, **__: object) -> None:
        raise StorageUnavailable("the storage is away")

    with monkeypatch.context() as patch:
        patch.setattr(f"dreamflow.operators.base.{unread}", away)
        with pytest.raises(StorageUnavailable):
            night.answer_rest("Adopt")
    assert night.approve() == "decided", "nobody is asked twice"
    assert is_adopted(fleet, one)
    assert is_adopted(fleet, two)
