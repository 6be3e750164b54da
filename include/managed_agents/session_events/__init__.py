"""Session events: what was said and done in a session, in order, and its live stream."""
