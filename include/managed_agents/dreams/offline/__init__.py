"""
The offline engine: dreams without a model, a key or a network.

It extracts rather than writes: sentences of the transcripts are kept as they were said, with who said them and on
which day, their relative dates worked out in brackets, packed into lines that stand on their own.

The text side reads one transcript at a time: ``mine`` (with ``text``, ``dates``, ``parties``, ``records``, ``cues``,
``specifics``, ``words``) gives its *findings*, plain JSON::

    {
      "session": "conv-26-1", "title": "…" or "", "started": "2023-05-08",
      "account": "mia_li_3668" or "",          # the id of the customer's account that the session is about
      "party": "Caroline" or "",               # the user's name; not the account
      "room": 1800,                            # bytes that select should fill with lines, beyond what it has to keep
      "statements": [                          # in the order of the session
        {"text": "I went to a support group yesterday [7 May 2023].",  # one line of plain text, at most MAX_STATEMENT
         "day": "2023-05-08", "who": "Caroline",  # "Customer", "Agent", "Agent to Tom Okafor", "Record", "User" …
         "party": "Caroline",                     # whom it is about: the account, or else who says it, or else who
                                                  # the agent says it to; where nobody gave a name, ""
         "specifics": ["7 may 2023"],             # the keys of those that a memory must not lose; may be []
         "weight": 1.5},                          # what its cues say of its worth, to be multiplied by rarity
      ],
    }

The store side puts the findings of all sessions together::

    frequencies = Frequencies()                                        # select.py; of a fixed size
    for finding in findings:
        frequencies.add(finding["statements"])
    chosen = select(finding["statements"], frequencies, finding["room"], covered)   # a sublist, in the same order;
                                                                       # covered: keys of specifics that need no line
    lines = pack(chosen, finding["session"], finding["account"])       # lines.py; in the same order, a party's apart
    parse_line(render_line(line)) == line

``specifics_of(text)`` (words.py) gives the keys of a line's or statement's specifics, as in ``covered``.

``consolidate`` decides what becomes of a store: ``existing`` looks it through, ``late`` reads late writes, ``file``
says where a statement goes, ``fold`` which ones are the same; ``layout`` and ``render`` give files and the index.
"""

from include.managed_agents.dreams.offline.engine import OfflineEngine

__all__ = ["OfflineEngine"]
