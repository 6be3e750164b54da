"""The offline engine, as the dream runner sees it."""

from __future__ import annotations

from collections.abc import Collection

from include.managed_agents.dreams.engine import Brief, Findings, StoreFiles, Transcript
from include.managed_agents.dreams.offline.consolidate import consolidate_store
from include.managed_agents.dreams.offline.mine import mine
from include.managed_agents.dreams.thinking import think
from include.managed_agents.usage import Usage

__all__ = ["OfflineEngine"]

#: The rule by which bytes that no model read are counted as tokens.
BYTES_PER_TOKEN = 4


class OfflineEngine:
    """
    Dreams by extraction. The same input gives the same bytes; dreaming over its own output changes nothing.

    It calls no model: its usage is what a model would have read and written at 4 bytes of UTF-8 a token.
    """

    name = "offline"
    readers = 1

    async def read_session(self, transcript: Transcript, brief: Brief) -> Findings:
        """Return the statements of one transcript. The package's docstring has their shape."""
        data = await think(brief.check, mine, transcript, brief.check)
        read = sum(len(message.text.encode()) for message in transcript.messages)
        brief.count_once(transcript.session_id, Usage(input_tokens=-(-read // BYTES_PER_TOKEN)))
        return Findings(transcript.session_id, data)

    async def consolidate(self, files: StoreFiles, findings: Collection[Findings], brief: Brief) -> None:
        """Fold the findings into the store, and write what has changed."""
        read, instructed = sum(files.sizes().values()), brief.instructions is not None
        written = await think(brief.check, consolidate_store, files, findings, brief.check, instructed)
        usage = Usage(input_tokens=-(-read // BYTES_PER_TOKEN), output_tokens=-(-written // BYTES_PER_TOKEN))
        brief.count_once("consolidation", usage)
