"""Files at any place that Airflow's object storage reaches: whole, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import ObjectStoragePath

__all__ = [
    "at",
    "create_text",
    "delete",
    "delete_folder",
    "list_names",
    "modified_at",
    "read_text",
    "report_location",
    "version_of",
    "write_text",
]


def at(uri: str) -> ObjectStoragePath:
    """Return the path object of a URI such as ``file:///x`` or ``s3://conn@bucket/x``."""
    from airflow.sdk import ObjectStoragePath  # noqa: PLC0415 - steps import this module, and know no Airflow

    return ObjectStoragePath(uri)


def _as_it_is(uri: str) -> ObjectStoragePath:
    """Return the path, to be asked for what is there now."""
    path = at(uri)
    _forget(path)
    return path


def _forget(path: ObjectStoragePath) -> None:
    """Forget what was listed there: object stores' file systems keep it for as long as the process lives."""
    if not _is_local(path):
        path.fs.invalidate_cache(path.path)
        path.fs.invalidate_cache(path.parent.path)


def _is_local(path: ObjectStoragePath) -> bool:
    return path.protocol in ("", "file", "local")


def read_text(uri: str) -> str:
    """
    Return the file's text, with its line ends as they are.

    :raises FileNotFoundError: there is no such file.
    """
    return bytes(_as_it_is(uri).read_bytes()).decode()


def write_text(uri: str, text: str) -> None:
    """Write the file so that a reader sees the old or the new one, never a part, and that it outlasts a power cut."""
    path = at(uri)
    if not _is_local(path):
        path.write_bytes(text.encode())  # an object store puts an object whole
        return
    # Through a link to the file itself, which keeps its mode.
    _place(Path(path.path).resolve(), text, _replace)


def create_text(uri: str, text: str) -> None:
    """
    Write a file that is not there yet, whole. Of several who do so at once, on whichever machines, one succeeds.

    So it is on a local disk or a network's, and in an object store that can create without replacing. Where fsspec's
    file system can't, it looks first, and two at the very same moment may both succeed.

    :raises FileExistsError: it is there; some object stores raise another OSError.
    """
    path = _as_it_is(uri)
    if not _is_local(path):
        path.fs.pipe_file(path.path, text.encode(), mode="create")
        return
    _place(Path(path.path), text, _link)


def _place(local: Path, text: str, put: Callable[[Path, Path], object]) -> None:
    """Write the text beside its place, put it there, and see that both outlast a power cut."""
    made = [folder.parent for folder in local.parents if not folder.exists()]
    local.parent.mkdir(parents=True, exist_ok=True)
    beside = local.with_name(f".{uuid.uuid4().hex}")
    try:
        with beside.open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        put(beside, local)
    finally:
        beside.unlink(missing_ok=True)
    for folder in (local.parent, *made):
        _sync_folder(folder)


def _link(beside: Path, local: Path) -> None:
    try:
        os.link(beside, local)
    except OSError as e:
        if e.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        with local.open("xb") as file:  # a file system without links
            file.write(beside.read_bytes())


def _replace(beside: Path, local: Path) -> None:
    if local.exists():
        shutil.copymode(local, beside)
    beside.replace(local)


def _sync_folder(folder: Path) -> None:
    """Put the folder's names on the disk. A file system that can't sync a folder keeps them in its own way."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as e:
        if e.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def delete(uri: str) -> None:
    """Delete the file; one that is gone is no error."""
    _as_it_is(uri).unlink(missing_ok=True)


def list_names(uri: str) -> list[str]:
    """Return the names in a folder as it is now, in order; a folder that is not there is empty."""
    folder = _as_it_is(uri)
    try:
        return sorted(child.name for child in folder.iterdir()) if folder.exists() else []
    finally:
        _forget(folder)


def delete_folder(uri: str) -> None:
    """Delete a folder that is empty; one that is gone is no error. An object store has none."""
    folder = at(uri)
    if _is_local(folder):
        with suppress(FileNotFoundError):
            Path(folder.path).rmdir()


def modified_at(uri: str) -> datetime | None:
    """Return when the file was last written; None where the storage does not tell."""
    path = _as_it_is(uri)
    try:
        info = path.fs.info(path.path)
    except FileNotFoundError:
        return None
    # As local disks and SFTP, S3, Google's and Azure's storage call it.
    written = next(
        (info[key] for key in ("mtime", "LastModified", "updated", "last_modified") if info.get(key)), None
    )
    if isinstance(written, str):
        written = datetime.fromisoformat(written)
    if isinstance(written, datetime):
        return written if written.tzinfo else written.replace(tzinfo=UTC)
    return datetime.fromtimestamp(written, UTC) if written else None


def version_of(uri: str) -> tuple[str, int] | None:
    """
    Return what tells the file, as it is now, from whatever was written there before and since; and its bytes.

    A moment by itself does not: object stores and SFTP tell whole seconds. None: the storage tells no more, or has no
    such file; whoever has to know what it says reads it.
    """
    path = _as_it_is(uri)
    try:
        if not _is_local(path):
            return _version_told(path.fs.info(path.path))
        # Opened, not only looked at: a network's disk asks its server then.
        with Path(path.path).open("rb") as file:
            found = os.fstat(file.fileno())
        return f"{found.st_ino}-{found.st_mtime_ns}-{found.st_ctime_ns}", found.st_size
    except OSError:
        return None


def _version_told(info: Mapping[str, Any]) -> tuple[str, int] | None:
    """Return what an object store tells of an object: S3 its ETag, Azure's its etag, Google's its generation too."""
    told = [str(info[key]) for key in ("ETag", "etag", "generation") if info.get(key)]
    if not told or any(one.startswith("W/") for one in told):  # weak: the same for what is not the same
        return None
    return " ".join((*told, str(info.get("LastModified", "")))), int(info.get("size") or 0)


def report_location(configured: str | None) -> str:
    """Return the report location: as configured, or ``dreamflow-reports`` below AIRFLOW_HOME."""
    home = os.environ.get("AIRFLOW_HOME") or Path("~/airflow").expanduser()
    return configured.rstrip("/") if configured else f"file://{home}/dreamflow-reports"
