"""Where a reader finds what a session said."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.managed_agents.offline.dreaming import dreamed, index_of, session

CODE = "The gate code is AX-77."


def path_of(text: str, store: Mapping[str, str]) -> str:
    [path] = [path for path, content in store.items() if text in content and not path.startswith("/index")]
    return path


def test_what_is_about_an_account_goes_to_the_memory_of_that_account() -> None:
    said = ("My user ID is mia_li_3668.", "The webhook is down, case AX-77.")
    hooks = {"/payments/webhook.md": "Ours.\n"}
    assert path_of("AX-77", dreamed([session("s1", *said)], hooks)) == "/accounts/mia_li_3668.md"
    hooks |= {"/customers/mia_li_3668.md": "Pays late.\n"}
    assert path_of("AX-77", dreamed([session("s1", *said)], hooks)) == "/customers/mia_li_3668.md"


def test_two_accounts_that_share_a_file_keep_their_own_names_on_their_lines() -> None:
    one, other = ("My user ID is Mia_Li_3668.", "Case AX-77."), ("My user ID is mia_li_3668.", "Case BX-88.")
    text = "\n".join(dreamed([session("s1", *one), session("s2", *other)], {}).values())
    for case, account in (("AX-77", "Mia_Li_3668"), ("BX-88", "mia_li_3668")):
        [line] = [line for line in text.split("\n") if case in line and line.startswith("- ")]
        assert f", {account}. " in line


def test_what_names_a_memory_goes_there_and_the_rest_to_the_person() -> None:
    past = [session("s1", "Ines Varga here.", "The Paylane webhook is v2 now, ticket T-90412.", CODE)]
    store = dreamed(past, {"/payments/paylane.md": "A bank.\n", "/payments/webhook.md": "Ours is v1.\n"})
    assert path_of("T-90412", store) == "/payments/webhook.md"
    assert path_of(CODE, store) == "/people/ines-varga.md"


def test_all_words_of_a_name_have_to_be_said_and_names_that_tell_nothing_draw_nothing() -> None:
    store = {"/ops/gate-repairs.md": "None.\n", "/notes/code.md": "See me.\n", "/code notes/2.md": "x\n"}
    assert path_of(CODE, dreamed([session("s1", "Tom Okafor here.", CODE)], store)) == "/notes/code.md"
    del store["/notes/code.md"]
    assert path_of(CODE, dreamed([session("s1", "Tom Okafor here.", CODE)], store)) == "/people/tom-okafor.md"


def test_a_name_that_everything_says_draws_nothing() -> None:
    past = [session(f"s{n}", "Tom Okafor here.", f"Order LK-{n} costs £{n}.", day=n) for n in range(1, 40)]
    store = dreamed(past, {"/order.md": "Ours.\n"})
    assert store["/order.md"] == "Ours.\n"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Priya", "/people/priya_raman.md"),  # the only Priya
        ("Priya Raman", "/people/priya_raman.md"),
        ("Tom Okafor", "/people/tom.md"),  # its text says whose it is
        ("Tom", "/people/tom.md"),
        ("Ada", "/people/ada.md"),  # of two there are
        ("Ada King", "/people/ada king.md"),
        ("Ines Varga", "/people/ines-varga.md"),
    ],
)
def test_a_person_is_found_by_the_name_that_a_memory_has(name: str, path: str) -> None:
    store = {
        "/people/priya_raman.md": "Leads customer care.\n",
        "/people/tom.md": "Tom Okafor, warehouse lead in Leeds.\n",
        "/people/Tom Okafor.md": "Warehouse lead.\n",
        "/people/ada king.md": "Platform.\n",
        "/people/ada byron.md": "Data.\n",
    }
    assert path_of(CODE, dreamed([session("s1", f"{name} here.", CODE)], store)) == path


def test_what_opens_with_a_pronoun_goes_where_the_sentence_before_it_goes() -> None:
    said = ("Marek Dudek here.", "I phoned Tom Okafor on extension 4417.", "He's got a new extension, 4429.")
    store = dreamed([session("s1", *said)], {"/people/tom.md": "Tom Okafor, warehouse lead.\n"})
    assert path_of("4429", store) == path_of("4417", store) == "/people/tom.md"


def test_a_first_name_goes_with_the_only_full_name_among_the_sessions() -> None:
    store = dreamed(
        [session("s1", "Ines here.", CODE), session("s2", "Ines Varga here.", "Case T-90412 is open.")]
    )
    assert path_of(CODE, store) == path_of("T-90412", store) == "/people/ines-varga.md"


def test_what_nobody_is_known_to_have_said_goes_to_its_month() -> None:
    store = dreamed([session("s1", CODE), session("s2", "Case T-90412 is open.", day=30)])
    assert path_of(CODE, store) == "/sessions/2026-11.md"
    assert path_of("T-90412", store) == "/sessions/2026-12.md"


def test_a_new_folder_is_none_that_is_a_memory_itself() -> None:
    store = dreamed([session("s1", "Tom Okafor here.", CODE)], {"/people": "Tom, Priya.\n"})
    assert path_of(CODE, store) == "/people-2/tom-okafor.md"


def test_the_index_tells_what_a_reader_would_look_for_and_the_latest_day() -> None:
    past = [
        session(
            "s1", "Jonas Lindqvist here.", "The code freeze starts on 2026-11-20.", "I run the stock sync."
        ),
        session("s2", "Jonas here.", "The code freeze ends on 2026-12-01.", day=4),
        session("s3", "Tom Okafor here.", "My extension is 4429.", "I run the dock.", day=1),
    ]
    entries = {
        line.split("]")[0]: line for line in index_of(dreamed(past)).split("\n") if line.startswith("- ")
    }
    jonas, tom = entries["- [/people/jonas-lindqvist.md"], entries["- [/people/tom-okafor.md"]
    assert "freeze" in jonas
    assert jonas.endswith("; latest 13 November 2026")
    assert "extension" in tom
    assert "freeze" not in tom
