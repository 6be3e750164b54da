"""``secret``: a key in what a dream wrote is named, and never shown."""

from __future__ import annotations

import pytest

from dreamflow.core.checks.secret import Secret
from tests.unit.core.checks.examining import checked

KEY = "sk-ant-" + "api03-a1B2c3D4e5F6g7H8"


def test_a_leaked_key_blocks() -> None:
    findings = checked(Secret, {"/a.md": "one\n"}, {"/a.md": f"one\nThe desk agent runs with {KEY}.\n"})
    assert [(f.severity, f.path, f.line) for f in findings] == [("block", "/a.md", 2)]
    assert "Anthropic key" in findings[0].message
    assert KEY[:4] in findings[0].message


def test_no_finding_holds_the_secret() -> None:
    findings = checked(Secret, {}, {"/a.md": f"The PIN is 804417, the key {KEY}\npassword: Sonne7Mond\n"})
    written = " ".join(f.model_dump_json() for f in findings)
    assert len(findings) == 2
    assert not [secret for secret in (KEY, KEY[6:], "804417", "Sonne7Mond") if secret in written]


def test_a_key_that_was_there_before_is_not_the_dreams() -> None:
    assert not checked(Secret, {"/a.md": f"key {KEY}\n"}, {"/a.md": f"key {KEY}\nmore\n"})


def test_all_of_a_private_key_is_found() -> None:
    lines = ["-----BEGIN " + "EC PRIVATE KEY-----", "MHcCAQEE", "Vd==", "-----END " + "EC PRIVATE KEY-----"]
    findings = checked(Secret, {}, {"/a.md": "honest\n" + "\n".join(lines) + "\nhonest\n"})
    assert [f.line for f in findings] == [2, 3, 4, 5]


def test_a_key_in_the_path_of_a_new_memory_blocks_and_one_that_was_there_does_not() -> None:
    path = "/keys/sk_" + "live_51HxQk2eZvKYlo2C9aB3xY7z.md"
    (found,) = checked(Secret, {}, {path: "harmless\n"})
    assert found.severity == "block"
    assert "51HxQk2e" not in found.message
    assert not checked(Secret, {path: "harmless\n"}, {path: "harmless, still\n"})


WORDS = [
    "black",
    "freeze",
    "fruit",
    "desk",
    "window",
    "code",
    "mango",
    "order",
    "label",
    "return",
    "parcel",
    "pear",
]


@pytest.mark.parametrize("entry", ["- [/notes.md](/notes.md)", "- [Old notes](</old notes (1).md>)"])
def test_what_an_index_says_of_a_memory_restores_no_wallet(entry: str) -> None:
    assert not checked(Secret, {}, {"/index.md": f"# Index\n\n{entry}: {', '.join(WORDS)}\n"})


@pytest.mark.parametrize("words", [" ".join(WORDS), ", ".join(WORDS)])
@pytest.mark.parametrize("before", ["", "- ", "Ours (kept since May): "])
def test_twelve_words_by_themselves_restore_a_wallet(before: str, words: str) -> None:
    assert checked(Secret, {}, {"/a.md": f"honest\n{before}{words}\n"})
