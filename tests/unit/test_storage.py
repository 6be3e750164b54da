"""Files at the report location: whole, or not at all."""

from __future__ import annotations

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.io import attach
from fsspec.implementations.memory import MemoryFileSystem

from dreamflow.storage import create_text, delete, list_names, read_text, version_of, write_text

#: An object store, as far as Airflow knows.
attach("memory", fs=MemoryFileSystem())


def test_what_was_written_is_read_back_byte_for_byte(tmp_path: Path) -> None:
    uri = f"file://{tmp_path}/deep/er/notes.md"
    text = "Zürich\n日本\r\n\ttail\u2028"
    write_text(uri, text)
    assert (tmp_path / "deep" / "er" / "notes.md").read_bytes() == text.encode()


def test_a_plain_path_will_do(tmp_path: Path) -> None:
    write_text(str(tmp_path / "x.md"), "one")
    assert read_text(str(tmp_path / "x.md")) == "one"


def test_writing_again_replaces_the_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    uri = f"file://{tmp_path}/x.json"
    write_text(uri, "a long first text")
    write_text(uri, "short")
    assert read_text(uri) == "short"
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = f"file://{tmp_path}/x.json"
    write_text(uri, "old")

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space left"):
        write_text(uri, "new")
    assert read_text(uri) == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_an_object_store_takes_the_text_whole() -> None:
    uri = "memory://bucket/reports/x.md"
    write_text(uri, "one")
    assert read_text(uri) == "one"
    assert list_names("memory://bucket/reports") == ["x.md"]
    delete(uri)
    with pytest.raises(FileNotFoundError):
        read_text(uri)


@pytest.mark.parametrize("has_links", [True, False])
def test_of_many_who_create_a_file_at_once_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    if not has_links:

        def fail(*_: object) -> None:
            raise OSError(errno.EPERM, "no links here")

        monkeypatch.setattr(os, "link", fail)
    uri, texts = f"file://{tmp_path}/deep/x.json", [str(number) * 1000 for number in range(8)]

    def create(text: str) -> bool:
        with suppress(FileExistsError):
            create_text(uri, text)
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        done = [text for text, created in zip(texts, pool.map(create, texts), strict=True) if created]
    assert done == [read_text(uri)]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["x.json"]


def test_an_object_store_creates_no_file_over_another() -> None:
    uri = "memory://bucket/answers/x.json"
    create_text(uri, "one")
    with pytest.raises(FileExistsError):
        create_text(uri, "two")
    assert read_text(uri) == "one"


def test_what_others_wrote_since_a_folder_was_listed_is_listed_too() -> None:
    class Remembering(MemoryFileSystem):  # type: ignore[misc]
        """Keeps what it listed, as file systems of object stores do."""

        def ls(self, path: str, detail: bool = True, **more: Any) -> Any:
            if path not in self.dircache:
                self.dircache[path] = super().ls(path, detail=True, **more)
            return self.dircache[path] if detail else [one["name"] for one in self.dircache[path]]

        def info(self, path: str, **more: Any) -> Any:
            known = self.dircache.get(self._parent(path))
            found = known and next((one for one in known if one["name"] == path), None)
            if known is not None and found is None:
                raise FileNotFoundError(path)
            return found or super().info(path, **more)

        def invalidate_cache(self, path: str | None = None) -> None:
            self.dircache.clear()

    attach("memory", "remembering", fs=Remembering())
    mine, others = "memory://remembering@bucket/claims", "memory://bucket/claims"
    write_text(f"{others}/1.json", "one")
    assert list_names(mine) == ["1.json"]
    write_text(f"{others}/2.json", "two")
    assert list_names(mine) == ["1.json", "2.json"]
    write_text(f"{others}/3.json", "three")
    write_text(f"{others}/2.json", "another two")
    assert (read_text(f"{mine}/2.json"), read_text(f"{mine}/3.json")) == ("another two", "three")
    delete(f"{mine}/3.json")
    assert list_names(others) == ["1.json", "2.json"]


def test_a_file_that_was_written_anew_is_another_version_though_size_and_moment_are_the_same(
    tmp_path: Path,
) -> None:
    uri, seen = f"file://{tmp_path}/x.json", []
    assert version_of(uri) is None
    for text in ("one", "two", "one"):
        write_text(uri, text)
        os.utime(tmp_path / "x.json", ns=(0, 0))
        seen.append(version_of(uri))
        assert version_of(uri) == seen[-1]
    assert len({*seen}) == 3
    assert all(version is not None and version[1] == 3 for version in seen)


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ({"ETag": '"9a0364b9"', "LastModified": "12:00:00"}, ('"9a0364b9" 12:00:00', 3)),
        ({"etag": "0x8D1", "generation": "17"}, ("0x8D1 17 ", 3)),
        ({"mtime": 12.0}, None),
        ({"LastModified": "12:00:00"}, None),
        ({"etag": 'W/"9a"'}, None),
    ],
)
def test_a_storage_is_believed_to_know_a_version_only_if_it_tells_more_than_a_moment(
    told: dict[str, Any], version: object
) -> None:
    class Telling(MemoryFileSystem):  # type: ignore[misc]
        def info(self, path: str, **more: Any) -> Any:
            return {**super().info(path, **more), **told}

    name = f"telling{id(told)}"
    attach("memory", name, fs=Telling())
    write_text("memory://bucket/told/x.json", "one")
    assert version_of(f"memory://{name}@bucket/told/x.json") == version
    assert version_of(f"memory://{name}@bucket/told/gone.json") is None


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_text(f"file://{tmp_path}/gone")


def test_deleting_twice_is_harmless(tmp_path: Path) -> None:
    uri = f"file://{tmp_path}/x"
    write_text(uri, "one")
    delete(uri)
    delete(uri)
    assert list_names(f"file://{tmp_path}") == []


def test_a_folder_is_listed_in_order_and_one_that_is_not_there_is_empty(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / name).touch()
    assert list_names(f"file://{tmp_path}") == ["a", "b", "c"]
    assert list_names(f"file://{tmp_path}/gone") == []


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    path.write_text("{}")
    path.chmod(0o600)
    write_text(str(path), "{ }")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_goes_on_leading_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("{}")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_text(str(tmp_path / "link.json"), "{ }")
    assert (tmp_path / "real.json").read_text() == "{ }"


def test_a_name_as_long_as_a_file_system_allows_can_be_written(tmp_path: Path) -> None:
    name = "x" * os.pathconf(tmp_path, "PC_NAME_MAX")
    write_text(str(tmp_path / name), "one")


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return what is put on the disk, in order: by which name, and what it holds by then."""
    seen: list[tuple[str, str]] = []

    def sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        holds = sorted(child.name for child in path.iterdir()) if path.is_dir() else [path.read_text()]
        seen.append((path.name, " ".join(holds)))

    monkeypatch.setattr(os, "fsync", sync)
    return seen


def test_a_file_and_its_name_are_on_the_disk_before_a_write_returns(
    tmp_path: Path, synced: list[tuple[str, str]]
) -> None:
    write_text(str(tmp_path / "x.json"), "one")
    (name, text), folder = synced
    assert name.startswith(".")
    assert text == "one"
    assert folder == (tmp_path.name, "x.json")


def test_so_are_the_folders_that_a_write_has_made(tmp_path: Path, synced: list[tuple[str, str]]) -> None:
    write_text(str(tmp_path / "deep" / "er" / "x.json"), "one")
    assert synced[1:] == [("er", "x.json"), ("deep", "er"), (tmp_path.name, "deep")]


@pytest.mark.parametrize(("code", "passes"), [(errno.EINVAL, True), (errno.EIO, False)])
def test_a_file_system_that_can_not_sync_a_folder_takes_files_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, passes: bool
) -> None:
    def sync(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").resolve().is_dir():
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", sync)
    with nullcontext() if passes else pytest.raises(OSError, match=os.strerror(code)):
        write_text(str(tmp_path / "x.json"), "one")
    assert (tmp_path / "x.json").read_text() == "one"
