"""The log of a session: its events, below sessions, which write them."""
