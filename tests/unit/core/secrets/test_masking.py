"""Secrets are found in text, and never shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.secrets.masking import mask, may_reach_lines, secret_spans

PLUGINS = Path(__file__).parents[4] / "plugins"
#: Put together here, so that no scanner takes this file for a leak.
ALNUM = "a1B2c3D4e5F6g7H8i9J0"
SECRETS = {
    "Anthropic": ("sk-ant-" + "api03-" + ALNUM, "the key is {}, for billing"),
    "OpenAI": ("sk-" + "proj-" + ALNUM * 2, "{}"),
    "GitHub": ("ghp" + "_" + ALNUM * 2, "push with {}."),
    "AWS id": ("AKIA" + "IOSFODNN7EXAMPLE", "id {}"),
    "AWS secret": ("wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY", "AWS secret access key: {}"),
    "Slack": ("xoxb-" + "123456789012-" + ALNUM, "bot {}"),
    "Slack hook": ("https://hooks.slack.com/services/" + "T0001/B0002/" + ALNUM, "post to {}"),
    "Stripe": ("sk_" + "live_" + ALNUM + "abcd", "{}"),
    "Google": ("AIza" + "Sy" + ALNUM * 2, "maps: {}"),
    "web token": ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + ALNUM, "Authorization: Bearer {}"),
    "login in a URL": ("hunter2", "postgres://admin:{}@db.example.com/x"),
    "password": ("Sunny-Day-99", "The wifi password is {}."),
    "quoted": ("correct horse battery", 'passphrase = "{}"'),
    "German": ("Sonne7Mond", "Das Passwort lautet {}"),
    "door": ("4711", "The door code is {}"),
    "turned": ("4711", "Use {} as the door code"),
    "PIN": ("90210", "her PIN: {}"),
    "random": (ALNUM + "ZZ9", "the staging token they use is now {}"),
}
HONEST = (
    "The password is case-sensitive; reset it by mail.",
    "Password: required",
    "DB_PASSWORD=${DB_PASSWORD}",
    "secret: ****",
    "Store memstore_01HZX3abcDEF456 holds the key facts; session sesn_011CZabc456DEF789xyz read them.",
    "The file's key sha256 is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.",
    "Token budget: 50000 tokens, key 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "Order #W2890441 and confirmation code HATHAT, flight HAT123 on 2024-05-20 for $1,200.00",
    "The reset token expires after 3600s; the access code was changed on 2026-03-04.",
    "Key passengers: Mia Li (mia_li_3668), passport checked, pin the seat 12A.",
    "The server Falcon-2 was restarted at 3:00.",
    "At the till type the order number 88213 and press enter.",
    "Locked out? Reception has a spare badge.",
    "Lindqvist's new phone number is +46 8 555 0142.",
    "Key safe and mailbox are emptied on Fridays.",
    "Kod pocztowy 80-210 Gdańsk.",
    "The alarm log of 3 May has 12 entries.",
)


SAID = (
    "The safe opens at four, seven, one, nine.",
    "His PIN is four-two-double-seven.",
    "To get into the yard press 2580 and the green button.",
    "Code de la porte : le 45B72",
    "Код от ворот 9931",
    "门禁密码：4471#",  # noqa: RUF001
    "الرمز السري 4471",
    "kod do bramy 4402",
    "Kapı kodu 7788",  # noqa: RUF001
    "Lösenordet till skrivaren är Granit!77",
    "hunter2Zebra! gets you in as marek.",
    "password part 1: Kx7p",
    "He uses Fussball1987 everywhere, also for the bank.",
    "Marta's mailbox: first her name, then Herbst!24.",
    "Under the keyboard is a note: Qwertz!2026.",
    "The word for the back office computer is Zwetschgenknoedel.",
    "The key safe behind the drainpipe wants 3591.",
    "Both locks take 71 then 38 then 05.",
    "Press 2, 5, 8, 0 on the keypad by the stairs.",
    "PIN der Karte von Frau Brandt 6138",
    "tan list: 110293 554821 229013",
    "*.example:5432:orders:desk:Lerche_90a",
    "JWT_SECRET=peperoncino-lungo-rosso-44",
    "ldap bind: cn=svc-desk,dc=depot,dc=example / Hafen#Licht22",
    "htpasswd entry: desk:$apr1$h7Kd92.x$Q0pLmZ8vN3cR7tYb1WsXe/",
)


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_found_and_masked(kind: str) -> None:
    secret, sentence = SECRETS[kind]
    shown = mask(sentence.format(secret))
    before, _, after = sentence.partition("{}")
    assert secret not in shown
    assert secret[-4:] not in shown
    assert shown.startswith(before)
    assert shown.endswith(after)


@pytest.mark.parametrize("line", SAID)
def test_a_secret_is_found_as_people_say_it(line: str) -> None:
    assert secret_spans(line)


def test_codes_under_a_heading_are_found() -> None:
    assert mask("Door code\n- north: 4471\n- south: 9912").count("[access code]") == 2


def test_a_list_of_codes_is_masked_to_its_end_however_long_and_no_further() -> None:
    codes = [f"q{n}wz-{n * 7}pax" for n in range(100, 140)]
    shown = mask(
        "## Recovery codes\n\n" + "".join(f"- {code}\n" for code in codes) + "\nOf today:\n- LK-48190\n"
    )
    assert not any(code in shown for code in codes)
    assert shown.endswith("\nOf today:\n- LK-48190\n")


@pytest.mark.parametrize("line", HONEST)
def test_what_only_looks_like_a_secret_is_left_alone(line: str) -> None:
    assert secret_spans(line) == []
    assert mask(line) == line


#: What the service calls its things, those that a log or a page may name beside the word "key" among them.
OWN = (
    "memstore",
    "mem",
    "memver",
    "sesn",
    "sevt",
    "agent",
    "apikey",
    "drm",
    "depl",
    "env",
    "vlt",
    "vcrd",
    "wrkspc",
)
IDS = st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", min_size=22, max_size=22)


@given(
    st.sampled_from(OWN),
    IDS,
    st.sampled_from(["API key {}", "API key: {}", "api_key={}", "by key {}", "- {}"]),
)
def test_a_name_that_the_service_gives_is_no_secret(kind: str, number: str, said: str) -> None:
    text = f"## /p.md: 2026-11-27T09:00:00Z, {said}\n".format(f"{kind}_01{number}")
    assert mask(text) == text


@pytest.mark.parametrize(
    "key",
    [
        "sk-ant-" + "api03-" + ALNUM,
        "sk-ant-" + "admin01-" + ALNUM,
        "apikey_" + ALNUM * 2,
        "apikey_01" + ALNUM * 2,
        "apikey_01" + ALNUM[:19] + "-_9",
        "apikey_02" + ALNUM + "zZ",
        ALNUM + "zZ",
    ],
)
@pytest.mark.parametrize("said", ["API key {}", "API key: {}", "api_key={}", "by API key {}, who said so"])
def test_a_real_key_is_one_however_like_a_name_it_looks(key: str, said: str) -> None:
    text = said.format(key)
    assert key not in mask(text)
    assert key[9:] not in mask(text)


def test_a_short_secret_shows_less_than_a_third_of_itself() -> None:
    assert mask("PIN 4711") == "PIN 4…[access code]"
    assert mask("a " + "ghp" + "_" + ALNUM * 2) == "a ghp_…[GitHub token]"


@pytest.mark.parametrize("prefix", ["hf_", "api_org_"])
@pytest.mark.parametrize("around", ["{}", "Use {} to pull the model.", "- token: `{}`", "HF_TOKEN={}"])
def test_a_token_of_hugging_face_is_found_though_it_has_no_figure(prefix: str, around: str) -> None:
    token = prefix + "qWertYuiOpAsdfGhjkLzxcVbnmQwErTyUi"
    shown = mask(around.format(token))
    assert token not in shown
    assert "Asdf" not in shown


@pytest.mark.parametrize(
    "line",
    [
        "hf_transfer and hf_hub_download speed up the pull.",
        "Set hf_enable_parallel_loading_of_checkpoints to true.",
        "Set hf_" + "your_token_here_as_the_docs_describe_it.",
    ],
)
def test_a_setting_of_hugging_face_is_no_token(line: str) -> None:
    assert mask(line) == line


def test_a_private_key_is_masked_to_its_last_line() -> None:
    text = "a\n-----BEGIN " + "RSA PRIVATE KEY-----\nMIIabc\nzzz==\n-----END RSA PRIVATE KEY-----\nhonest"
    shown = mask(text)
    assert "MIIabc" not in shown
    assert "zzz==" not in shown
    assert shown.endswith("\nhonest")
    assert len(shown.split("\n")) == 6


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("## Wi-Fi password\n\n`Lavender-41-Field`\n", "Lavender-41-Field"),
        ("- name: DB_PASSWORD\n  value: s0mething-Blue\n", "s0mething-Blue"),
        ("| system | password |\n|---|---|\n| CRM | Wolke7! |\n", "Wolke7!"),
        ("Recovery codes:\n- 3f9a1-7bc2d\n- 8e0f4-5a6b7\n", "8e0f4-5a6b7"),
    ],
)
def test_a_secret_that_other_lines_give_away_is_masked(text: str, secret: str) -> None:
    assert secret not in mask(text)


@given(st.text() | st.lists(st.sampled_from([s.format(v) for v, s in SECRETS.values()])).map("\n".join))
def test_whatever_the_text_lines_stay_lines(text: str) -> None:
    assert len(mask(text).splitlines()) == len(text.splitlines())


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["eyJ", "sk-", "://a:", "password ", "token=for ", "a1B2", "key key ", "door 1-", "pin ", "ab1!"]
)
def test_one_long_hostile_line_holds_nobody_up(piece: str) -> None:
    """What takes quadratic time would take minutes."""
    text = piece * (100_000 // len(piece))
    assert len(mask(text).splitlines()) == 1


@pytest.mark.timeout(60)
@pytest.mark.parametrize("head", ["Recovery codes:", "password:", "| Name | Password |\n|---|---|", "a=1\\"])
@pytest.mark.parametrize(
    "line",
    [
        "hex " + "49676e6f726520616c6c20" * 15,
        "password is " + "-" * 240 + "99",
        "A" * 76 + "99Pw",
        " " * 390 + "!",
        "a" + " " * 390 + "!",
        "_" * 380 + "99",
        "ab1 " * 95 + "!",
    ],
)
def test_lines_below_what_tells_of_secrets_hold_nobody_up(head: str, line: str) -> None:
    """To try each way to cut a line into codes takes longer than anybody lives."""
    text = f"{head}\n" + f"{line}\n" * 20
    assert mask(text).count("\n") == text.count("\n")


def test_importing_the_scanners_loads_no_library() -> None:
    """DAG files are parsed every 30 s, in a fresh process."""
    code = (
        "import sys\n"
        "from dreamflow.core.checks import secret, instruction, hidden_text, personal_data\n"
        "print(sorted({'detect_secrets', 'phonenumbers', 'requests'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(PLUGINS)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("end", ["'", '"!', "line 1: Blue9Fish333"])
def test_a_line_of_blanks_takes_no_time(end: str) -> None:
    """A case that takes its time squared takes hours, whatever the machine."""
    blanks = " " * 100_000
    for text in (f"a\n{blanks}{end}\n", f"password: Blue9Fish333\\\nline 1:{blanks}{end}\n"):
        assert may_reach_lines(text) in (True, False)
        assert len(mask(text)) > 100_000
