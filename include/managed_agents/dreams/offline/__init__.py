"""
The offline engine: dreams without a model, a key or a network.

It extracts rather than writes: sentences of the transcripts are kept as they were said, with who said them and on
which day, their relative dates worked out in brackets, packed into lines that stand on their own.

``mine`` (with ``text``, ``dates``, ``parties``, ``records``, ``cues``, ``specifics``, ``words``) reads one transcript,
and gives its *findings*, plain JSON::

    {"started": "2023-05-08",
     "account": "mia_li_3668" or "",        # the id of the customer's account that the session is about
     "room": 1800,                          # bytes that its lines should fill, on the average of the batch
     "statements": [                        # in the order of the session
        {"text": "I went to a support group yesterday [7 May 2023].", "day": "2023-05-08",
         "who": "Caroline",                 # "Customer", "Agent", "Agent to Tom Okafor", "Record", "User" …
         "party": "Caroline" or "",         # the account, or else who says it, or else who the agent says it to
         "specifics": ["7 may 2023"],       # the keys of those that a memory must not lose
         "weight": 1.5}]}                   # what its cues say of its worth, to be multiplied by rarity

``consolidate`` makes of the findings of all sessions what becomes of a store: ``select`` says which statements are
kept, ``existing`` looks the store through, ``late`` reads late writes, ``file`` says where a statement goes, ``fold``
which ones are the same; ``lines``, ``layout`` and ``render`` give lines, files and the index.
"""

from include.managed_agents.dreams.offline.engine import OfflineEngine

__all__ = ["OfflineEngine"]
