"""
The offline engine: dreams without a model, a key or a network.

It extracts rather than writes: statements of the transcripts are kept as they were said, their dates made absolute,
folded where they repeat, replaced where a later one says otherwise, and filed by subject.

``mine`` reads one transcript (``text``, ``dates``, ``parties``, ``records``, ``cues``, ``specifics``, ``words``).
``consolidate`` decides what becomes of a store (``existing``, ``claims``, ``fold``, ``lookalikes``, ``subjects``).
``lines``, ``render`` and ``layout`` write it.
"""

from include.managed_agents.dreams.offline.engine import OfflineEngine

__all__ = ["OfflineEngine"]
