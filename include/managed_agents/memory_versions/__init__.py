"""Memory versions: the history of every memory, immutable but for redaction."""
