"""A key in a JSON or YAML file as a target."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.config import FileTarget
from dreamflow.errors import Conflict, StateError, StorageUnavailable
from dreamflow.hooks.managed_agents import ManagedAgentsHook
from dreamflow.targets import LiveTarget, open_target, repoint

Put = Callable[..., LiveTarget]

#: A file target needs no service.
NO_HOOK = cast(ManagedAgentsHook, None)


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a file, and return the target that one of its keys is."""

    def write(text: str, key: str = "live", name: str = "live.yaml") -> LiveTarget:
        (tmp_path / name).write_bytes(text.encode())
        return open_target(FileTarget(type="file", path=f"file://{tmp_path}/{name}", key=key), NO_HOOK)

    return write


@pytest.fixture
def text_of(tmp_path: Path) -> Callable[[str], str]:
    return lambda name: (tmp_path / name).read_bytes().decode()


YAML = """\
# Who reads what
agents:
  support:   # ours
    store: memstore_1  # set by Dreamflow
    'quoted': "yes"
    folded: >
      two
      lines
  sales: {store: memstore_9, limit: 007}
# the end
list:
- a   # first
- b
"""


class TestYaml:
    def test_one_value_changes_and_comments_order_and_quotes_stay(
        self, put: Put, text_of: Callable[[str], str]
    ) -> None:
        target = put(YAML, "agents.support.store")
        target.check()
        assert target.read() == "memstore_1"
        repoint(target, "memstore_1", "memstore_2")
        assert text_of("live.yaml") == YAML.replace("memstore_1", "memstore_2")

    def test_going_back_gives_the_first_file_again(self, put: Put, text_of: Callable[[str], str]) -> None:
        target = put(YAML, "agents.support.store")
        repoint(target, "memstore_1", "memstore_2")
        repoint(target, "memstore_2", "memstore_1")
        assert text_of("live.yaml") == YAML

    @pytest.mark.parametrize(
        "text",
        ["---\nlive: memstore_1\n", "live: memstore_1\nlist:\n  - a\n  - b\n", "a:\n    b: 1\nlive: memstore_1\n",
         "a: 1\r\nlive: memstore_1\r\n"],
        ids=["document start", "indented list", "four spaces", "Windows line ends"],
    )  # fmt: skip
    def test_lines_that_have_nothing_to_do_with_it_stay_as_they_were(
        self, put: Put, text_of: Callable[[str], str], text: str
    ) -> None:
        repoint(put(text), "memstore_1", "memstore_2")
        assert text_of("live.yaml") == text.replace("memstore_1", "memstore_2")


class TestJson:
    @pytest.mark.parametrize(
        "text",
        [
            '{\n  "a": [],\n  "live": "memstore_1",\n  "ü": "日本"\n}\n',
            '{\n    "live": "memstore_1"\n}',
            '{"live": "memstore_1", "a": 1}',
        ],
        ids=["two spaces", "four spaces", "one line"],
    )
    def test_indentation_order_and_the_end_of_the_file_stay(
        self, put: Put, text_of: Callable[[str], str], text: str
    ) -> None:
        repoint(put(text, name="live.json"), "memstore_1", "memstore_2")
        assert text_of("live.json") == text.replace("memstore_1", "memstore_2")

    @given(
        st.dictionaries(
            st.text(max_size=5),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
                lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
                max_leaves=6,
            ),
            max_size=4,
        ),
        st.sampled_from([None, 1, 2, 4]),
    )  # fmt: skip
    def test_every_other_value_stays(
        self, put: Put, text_of: Callable[[str], str], document: dict[str, Any], indent: int | None
    ) -> None:
        document = {**document, "live": "memstore_1"}
        repoint(put(json.dumps(document, indent=indent), name="live.json"), "memstore_1", "memstore_2")
        assert json.loads(text_of("live.json")) == {**document, "live": "memstore_2"}

    @pytest.mark.parametrize(
        "text",
        ['{\n\t"live": "memstore_1"\n}\n', '{"a":1,"live":"memstore_1"}', '{"n": 1.50, "live": "memstore_1"}',
         '{"a": 1, "a": 2, "live": "memstore_1"}', '{"u": "\\u00fc", "live": "memstore_1"}'],
        ids=["tabs", "compact", "number", "twice", "escapes"],
    )  # fmt: skip
    def test_bytes_that_have_nothing_to_do_with_it_stay_as_they_were(
        self, put: Put, text_of: Callable[[str], str], text: str
    ) -> None:
        repoint(put(text, name="live.json"), "memstore_1", "memstore_2")
        assert text_of("live.json") == text.replace("memstore_1", "memstore_2")


class TestErrors:
    @pytest.mark.parametrize("name", ["live.yaml", "live.json"])
    def test_a_write_that_expects_another_store_leaves_the_file(
        self, put: Put, text_of: Callable[[str], str], name: str
    ) -> None:
        target = put('{"live": "memstore_1"}', name=name)
        with pytest.raises(Conflict, match=r"no longer names memstore_0"):
            target.write("memstore_0", "memstore_2")
        assert text_of(name) == '{"live": "memstore_1"}'

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("a: 1", "live"),
            ("live: {}", "live.store"),
            ("live: x", "live.store"),
            ("- a", "live"),
            ("", "live"),
        ],
    )
    def test_a_file_without_the_key_is_said_so(self, put: Put, text: str, key: str) -> None:
        with pytest.raises(StateError, match=rf"file .*live\.yaml \(key {key}\): the file has no such key"):
            put(text, key).check()

    @pytest.mark.parametrize("value", ["", "5", "null", "[memstore_1]", '""'])
    def test_a_value_that_is_no_id_is_said_so(self, put: Put, value: str) -> None:
        with pytest.raises(StateError, match=r"holds .*Set it to the id of the live memory store"):
            put(f"live: {value}").check()

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("live.json", '{"live": "mem\\u0073tore_1"}'),
            ("live.yaml", 'live: "mem\\x73tore_1"'),
            ("live.yaml", 'live: "memstore\\\n  _1"'),
        ],
        ids=["JSON", "YAML", "two lines"],
    )
    def test_an_id_that_can_not_be_replaced_is_said_before_anything_is_spent(
        self, put: Put, text_of: Callable[[str], str], name: str, text: str
    ) -> None:
        target = put(text, name=name)
        assert target.read() == "memstore_1"
        with pytest.raises(StateError, match=r"the id memstore_1 is written with escapes.*Write it plainly"):
            target.check()
        assert text_of(name) == text

    @pytest.mark.parametrize(("name", "kind"), [("live.json", "JSON"), ("live.yaml", "YAML")])
    @pytest.mark.parametrize("text", ["{", "a: [", "a: 1\n---\nb: 2\n"])
    def test_a_file_that_can_not_be_read_is_named_with_its_kind(
        self, put: Put, name: str, kind: str, text: str
    ) -> None:
        with pytest.raises(StateError, match=rf"{name}.*the file is not {kind}"):
            put(text, name=name).check()

    def test_yaml_builds_nothing_but_plain_values(self, put: Put, tmp_path: Path) -> None:
        target = put(f"live: !!python/object/apply:os.mkdir ['{tmp_path}/owned']")
        with pytest.raises(StateError):
            target.read()
        assert not (tmp_path / "owned").exists()

    def test_a_file_that_is_not_there_is_said_so(self, tmp_path: Path) -> None:
        target = open_target(
            FileTarget(type="file", path=f"file://{tmp_path}/gone.yaml", key="live"), NO_HOOK
        )
        with pytest.raises(StateError, match=r"gone\.yaml.*there is no such file"):
            target.check()

    @pytest.mark.parametrize("case", ["no text", "folder"])
    def test_a_file_that_is_no_text_is_said_so(self, tmp_path: Path, case: str) -> None:
        path = tmp_path / "live.yaml"
        if case == "folder":
            path.mkdir()
        else:
            path.write_bytes(b"live: \xff\xfe")
        target = open_target(FileTarget(type="file", path=f"file://{path}", key="live"), NO_HOOK)
        with pytest.raises(StateError, match=r"live\.yaml"):
            target.check()


class TestStorage:
    """A swap that meets a storage in trouble is tried again where the trouble may pass, and only there."""

    @pytest.fixture(params=["read", "write"])
    def fail(
        self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[Exception], None]:
        def fail_with(error: Exception) -> None:
            def fail(*_: str) -> None:
                raise error

            monkeypatch.setattr(f"dreamflow.targets.file.{request.param}_text", fail)

        return fail_with

    @pytest.mark.parametrize(
        "error",
        [
            OSError(errno.EBUSY, "Please reduce your request rate."),
            OSError(errno.ESTALE, "Stale file handle"),
            OSError(errno.EIO, "Input/output error"),
            TimeoutError("timed out"),
            ConnectionResetError("reset by peer"),
        ],
        ids=lambda error: type(error).__name__ + str(error.errno or ""),
    )
    def test_what_may_pass_is_tried_again(
        self, put: Put, fail: Callable[[Exception], None], error: Exception
    ) -> None:
        target = put(YAML, "agents.support.store")
        fail(error)
        with pytest.raises(StorageUnavailable, match=r"live\.yaml.* just now: .*clear the task"):
            repoint(target, "memstore_1", "memstore_2")

    @pytest.mark.parametrize(
        "error",
        [
            FileNotFoundError("gone"),
            IsADirectoryError("a folder"),
            NotADirectoryError("below a file"),
            PermissionError("not yours"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_what_a_person_has_to_correct_is_not(
        self, put: Put, fail: Callable[[Exception], None], error: Exception
    ) -> None:
        target = put(YAML, "agents.support.store")
        fail(error)
        with pytest.raises(StateError, match=r"live\.yaml"):
            repoint(target, "memstore_1", "memstore_2")
