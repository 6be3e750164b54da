"""Files at any place that Airflow's object storage reaches: whole, or not at all."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk import ObjectStoragePath

__all__ = ["at", "delete", "list_names", "read_text", "write_text"]


def at(uri: str) -> ObjectStoragePath:
    """Return the path object of a URI such as ``file:///x`` or ``s3://conn@bucket/x``."""
    from airflow.sdk import ObjectStoragePath

    return ObjectStoragePath(uri)


def read_text(uri: str) -> str:
    """:raises FileNotFoundError: there is no such file."""
    return str(at(uri).read_text(encoding="utf-8"))


def write_text(uri: str, text: str) -> None:
    """
    Write the file so that a reader sees the old or the new one, never a part.

    An object store puts an object whole. A local file is written beside its place and moved over it.
    """
    path = at(uri)
    if path.protocol not in ("", "file", "local"):
        path.write_text(text, encoding="utf-8")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.parent / f".{path.name}.{uuid.uuid4().hex}"
    beside.write_text(text, encoding="utf-8")
    try:
        beside.fs.mv(beside.path, path.path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def delete(uri: str) -> None:
    """Delete the file; one that is gone is no error."""
    at(uri).unlink(missing_ok=True)


def list_names(uri: str) -> list[str]:
    """Return the names in a folder, in order; a folder that is not there is empty."""
    folder = at(uri)
    if not folder.exists():
        return []
    return sorted(child.name for child in folder.iterdir())
