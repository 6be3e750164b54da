"""The offline model of sessions: it looks its memory up before it answers, and notes what it is told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from anthropic import Anthropic

from tests.managed_agents.conftest import Connect
from tests.managed_agents.support import (
    ask,
    contents,
    dream_of,
    ended,
    message,
    recorded,
    session_on,
    store_of,
    wait_until_idle,
)

STAMP = re.compile(r"^- \d{1,2} [A-Z]\w+ \d{4}, \d\d:\d\d:\d\d: ", re.M)


def store_with(client: Anthropic, **memories: str) -> str:
    return store_of(client, "Notes", **memories).id


def quotes(answer: str) -> list[str]:
    """Return what an answer quotes, a statement each."""
    head, *quoted = answer.splitlines()
    assert head == "My memory says:", answer
    return quoted


def test_without_memory_it_has_no_idea(client: Anthropic) -> None:
    session = session_on(client)
    assert "no memory" in ask(client, session.id, "Which seat does Ana Petrova prefer?")


def test_it_notes_what_it_is_told_and_another_session_finds_it(client: Anthropic) -> None:
    store = store_of(client, "Notes")
    first, second = session_on(client, store.id), session_on(client, store.id)
    noted = ask(client, first.id, "Ana Petrova prefers the aisle seat 14C.")
    assert noted.startswith("Noted in /mnt/memory/notes/notes/")
    ask(client, first.id, "Her order is AB-1234.")
    (content,) = contents(client, store.id).values()
    assert STAMP.sub("- ", content) == "- Ana Petrova prefers the aisle seat 14C.\n- Her order is AB-1234.\n"
    answer = ask(client, second.id, "Which seat does Ana Petrova prefer?")
    assert "Ana Petrova prefers the aisle seat 14C." in answer
    assert "I have no memory of that." in ask(client, second.id, "What is the weather on Mars?")


def test_a_changed_fact_comes_first_with_its_date_before_a_dream_and_after(client: Anthropic) -> None:
    store = store_of(client, "Notes")
    told = []
    for text in ("The keynote starts at 9:30.", "The keynote moved to 10:00."):
        told.append(session_on(client, store.id).id)
        ask(client, told[-1], text)
    asked = session_on(client, store.id)
    before = ask(client, asked.id, "When does the keynote start?")
    # What an agent says of its own memory is no fact for the next dream, so the session that asked may dream too.
    output = ended(client, dream_of(client, store.id, *told, asked.id)).outputs[0].memory_store_id
    after = ask(client, session_on(client, output).id, "When does the keynote start?")
    for answer in (before, after):
        first, *others = quotes(answer)
        assert "10:00" in first
        assert re.match(r"- \d{1,2} [A-Z]\w+ \d{4}|- \d{4}-\d\d-\d\d", first)
        assert "9:30" in " ".join(others)
        assert "My memory says" not in " ".join([first, *others])


def test_after_a_dream_it_answers_by_way_of_the_index(client: Anthropic) -> None:
    session = recorded(client, "My name is Ana Petrova and my order AB-1234 goes to Lisbon on 2026-12-01.")
    done = ended(client, dream_of(client, store_of(client, "Notes").id, session))
    asked = session_on(client, done.outputs[0].memory_store_id)
    answer = ask(client, asked.id, "Where does order AB-1234 go?")
    assert all("/index.md" not in quoted and "AB-1234" in quoted for quoted in quotes(answer))
    uses = [e for e in client.beta.sessions.events.list(asked.id) if e.type == "agent.tool_use"]
    assert str(uses[0].input["file_path"]).endswith("/index.md")


DREAMED = """\
# 2023-05

## From sessions, latest first

- 9 May 2023. Melanie: I signed up for a pottery class. The kids loved it too! (conv-26-2)
- 8 May 2023. Caroline: I went to a support group yesterday [7 May 2023]. It was so powerful. Melanie: I run to clear \
my mind. Nothing else helps. (conv-26-1, conv-26-3)
- 8 May 2023, mia_li_3668. Customer: I'd like to fly on May 20th. Agent: Flight HAT136 costs $152. (sesn_01)
"""


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        (
            "When did Caroline go to the support group?",
            "- 8 May 2023: Caroline: I went to a support group yesterday [7 May 2023]. It was so powerful.",
        ),
        ("What helps Melanie clear her mind?", "- 8 May 2023: Melanie: I run to clear my mind."),
        ("What does flight HAT136 cost?", "- 8 May 2023, mia_li_3668: Agent: Flight HAT136 costs $152."),
        ("Which class did Melanie sign up for?", "- 9 May 2023: Melanie: I signed up for a pottery class."),
    ],
)
def test_of_a_dreamed_line_only_the_sentences_that_matter_are_quoted(
    client: Anthropic, question: str, quoted: str
) -> None:
    store = store_with(client, chat=DREAMED, index="- [/chat.md](/chat.md): caroline, melanie, flight")
    answer = ask(client, session_on(client, store).id, question)
    assert quotes(answer)[0] == f"{quoted} (/mnt/memory/notes/chat.md)"


def test_what_the_index_does_not_lead_to_is_found_and_the_newest_comes_first(client: Anthropic) -> None:
    store = store_with(
        client,
        index="# Index\n\nFind the keynote here.\n\n- [/talks.md](/talks.md): keynote, start, hall",
        talks="## Keynote\n\n- 2026-11-25: The keynote starts at 9:30.",
        gossip="- 27 November 2026: Dana says that the keynote moved to 10:00.\n- 26 November 2026: It is long.",
    )
    first, second = quotes(ask(client, session_on(client, store).id, "When does the keynote start?"))
    assert first.startswith("- 27 November 2026: Dana says that the keynote moved to 10:00. (")
    assert second.startswith("- 2026-11-25: The keynote starts at 9:30. (")


def test_what_was_said_again_after_a_change_is_the_newest_again(client: Anthropic) -> None:
    store = store_with(
        client,
        a="- 1 November 2026, 10:00:00: The keynote starts at 9:30.",
        b="- 2 November 2026, 10:00:00: The keynote moves to 10:00.",
        c="- 3 November 2026, 10:00:00: The keynote starts at 9:30.",
    )
    first, second = quotes(ask(client, session_on(client, store).id, "When does the keynote start?"))
    assert "3 November 2026, 10:00:00: The keynote starts at 9:30." in first
    assert "moves to 10:00" in second


def test_what_a_dream_put_shorter_is_told_once_beside_the_note_that_it_came_from(client: Anthropic) -> None:
    store = store_with(
        client,
        note="- 8 May 2023, 10:00:00: Dana gives the keynote.",
        month="- 8 May 2023. User: Dana gives keynote. (sesn_1)\n- 9 May 2023. User: Ed heard the keynote. (sesn_2)",
    )
    told = quotes(ask(client, session_on(client, store).id, "What do we know about the keynote?"))
    assert [line.partition(" (/mnt")[0] for line in told] == [
        "- 9 May 2023: User: Ed heard the keynote.",
        "- 8 May 2023, 10:00:00: Dana gives the keynote.",
    ]


def test_the_same_words_about_two_accounts_are_told_of_both(client: Anthropic) -> None:
    store = store_with(
        client,
        a="- 8 May 2023, mia_1. Agent: The refund is $50. (s1)\n- 8 May 2023, leo_2. Agent: The refund is $50. (s2)",
    )
    told = quotes(ask(client, session_on(client, store).id, "How much is the refund?"))
    assert {line.partition(", ")[2][:5] for line in told} == {"mia_1", "leo_2"}


def test_a_rare_word_weighs_more_than_many_common_ones(client: Anthropic) -> None:
    store = store_with(
        client,
        parcels="".join(f"The parcel of order {n} goes by the blue van.\n" for n in range(50)),
        other="Zanzibar has no parcel shop.\n",
    )
    (only,) = quotes(ask(client, session_on(client, store).id, "Does the blue van order go to Zanzibar?"))[:1]
    assert "Zanzibar has no parcel shop." in only


def test_it_never_quotes_its_own_talk(client: Anthropic) -> None:
    talk = "My memory says:\nNoted in /keynote.md.\n- 8 May 2023. Agent: I have no memory of the keynote. (s)"
    store = store_with(client, a=talk, b="# The keynote\n\n- [/c.md](/c.md): keynote\n")
    assert ask(client, session_on(client, store).id, "When is the keynote?") == "I have no memory of that."


def test_it_says_a_few_things_however_much_it_knows(client: Anthropic) -> None:
    store = store_with(client, talks="".join(f"The keynote starts at 9:{n}.\n" for n in range(10, 60)))
    answer = ask(client, session_on(client, store).id, "When does the keynote start?")
    assert len(quotes(answer)) == 4


def test_a_store_of_many_lines_is_searched_by_its_rarest_words(client: Anthropic) -> None:
    pages = {
        f"p{n}": "".join(f"the order number {n * 1000 + i} is late\n" for i in range(900)) for n in range(6)
    }
    store = store_with(client, **pages, z="The order of Xenia is late because of snow.")
    answer = ask(client, session_on(client, store).id, "Why is the order of Xenia late?")
    assert "because of snow" in quotes(answer)[0]


def test_what_is_told_with_a_question_is_noted_and_the_question_is_answered(client: Anthropic) -> None:
    store = store_of(client, "Notes", seats="Ana prefers the aisle.")
    answer = ask(client, session_on(client, store.id).id, "Ana is in Rome. Which seat does Ana prefer?")
    assert answer.startswith("Noted in ")
    assert "Ana prefers the aisle." in answer
    (noted,) = (text for path, text in contents(client, store.id).items() if path.startswith("/notes/"))
    assert STAMP.sub("- ", noted) == "- Ana is in Rome.\n"


def test_a_question_that_names_nothing_is_about_what_was_said_before(client: Anthropic) -> None:
    store = store_of(client, "Notes", talks="The keynote starts at 10:00 in the Grand Hall.")
    session = session_on(client, store.id)
    assert "Grand Hall" in ask(client, session.id, "Where is the keynote?")
    assert "10:00" in ask(client, session.id, "And when is it?")


@pytest.mark.parametrize("blank", ["", " \n\t "])
def test_it_says_that_it_heard_nothing_and_notes_nothing(client: Anthropic, blank: str) -> None:
    store = store_of(client, "Notes")
    session = session_on(client, store.id)
    assert "heard nothing" in ask(client, session.id, blank)
    picture: Any = {"type": "image", "source": {"type": "url", "url": "https://example.com/x.png"}}
    events: Any = [{"type": "user.message", "content": [picture]}]
    client.beta.sessions.events.send(session.id, events=events)
    wait_until_idle(client, session.id)
    ask(client, session.id, "Thanks, bye!")
    assert contents(client, store.id) == {}


def day_of(session: Any) -> str:
    return f"{session.created_at:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("Travel desk", "travel-desk"),
        ("../../etc/passwd", "etc-passwd"),
        ("Écrans & Café №5", "écrans-café-no5"),
        ("   ", "keynote-9-30-grand-hall"),
        (None, "keynote-9-30-grand-hall"),
        ("x" * 300, "x" * 48),
    ],
)
def test_notes_are_named_so_that_a_person_finds_them(
    client: Anthropic, title: str | None, named: str
) -> None:
    store = store_of(client, "Notes")
    session = session_on(client, store.id, title=title)
    ask(client, session.id, "The keynote is at 9:30 in the Grand Hall.")
    assert set(contents(client, store.id)) == {f"/notes/{day_of(session)}-{named}.md"}


def test_each_session_has_one_file_whatever_others_are_called(client: Anthropic) -> None:
    store = store_of(client, "Notes")
    sessions = [session_on(client, store.id, title="Travel desk") for _ in range(12)]
    for session in sessions:
        client.beta.sessions.events.send(session.id, events=[message(f"One of {session.id}.")])  # type: ignore[list-item]
    for number, session in enumerate(sessions):
        wait_until_idle(client, session.id)
        client.beta.sessions.update(session.id, title=f"Renamed {number}")
        ask(client, session.id, f"Two of {session.id}.")
    written = contents(client, store.id)
    assert sorted(STAMP.sub("", text) for text in written.values()) == sorted(
        f"One of {session.id}.\nTwo of {session.id}.\n" for session in sessions
    )
    day = day_of(sessions[0])
    numbered = {f"/notes/{day}-travel-desk{more}.md" for more in ("", *(f"-{n}" for n in range(2, 10)))}
    assert numbered < set(written)


def test_what_a_store_does_not_take_is_said(connect: Connect) -> None:
    client = connect()
    store = store_of(client, "Notes")
    session = session_on(client, store.id)
    client.beta.memory_stores.archive(store.id)
    assert "could not note it: " in ask(client, session.id, "Ana prefers the aisle.")
    assert "archived" in ask(client, session.id, "Ana prefers the aisle.")
