"""
The offline engine: dreams without a model, a key or a network.

It extracts rather than writes: statements of the transcripts are kept as they were said, with their dates made absolute,
folded where they repeat, replaced where a later one says otherwise, and filed by subject. See ``engine`` for its place.
"""

from .engine import OfflineEngine

__all__ = ["OfflineEngine"]
