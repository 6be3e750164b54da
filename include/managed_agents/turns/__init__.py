"""Turns: what an agent does from a user's message until it is idle again."""
