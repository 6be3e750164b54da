"""Our own style, script and pictures: these files, and no other."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

from dreamflow.review.access import SIGNED_IN

__all__ = ["router"]

router = APIRouter(prefix="/static", dependencies=[SIGNED_IN])

_FOLDER = Path(__file__).parents[1] / "static"
_KINDS = {
    "review.css": "text/css",
    "shared.js": "text/javascript",
    "review.js": "text/javascript",
    "fleet.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "icon-dark.svg": "image/svg+xml",
}


@router.get("/{name}")
def asset(name: str) -> FileResponse:
    if name not in _KINDS:
        raise HTTPException(404, "There is no such file.")
    return FileResponse(_FOLDER / name, media_type=_KINDS[name])
