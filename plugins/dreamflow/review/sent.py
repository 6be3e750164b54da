"""What a page of ours sends: JSON, read once it is known who sends it, and no more of it than an edit takes."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

from dreamflow.review.access import WritableRun

__all__ = ["Sent"]

#: Bytes of a request: a memory of 100 kB, each of its characters escaped.
_BODY_BYTES = 1_500_000


async def _sent(request: Request, _: WritableRun) -> dict[str, Any]:
    """
    Return the object that was sent, by who may send one.

    :raises HTTPException: it is too long, no JSON, no object, or holds half a character, which no UTF-8 has.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_BYTES:
            raise HTTPException(413, "An edit holds one memory at most.")
    try:
        sent = json.loads(body)
        json.dumps(sent, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise HTTPException(422, "This can't be read: it is no JSON object in UTF-8.")
    return sent


Sent = Annotated[dict[str, Any], Depends(_sent)]
