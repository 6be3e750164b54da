"""Session threads: every session here has one, its primary thread, whose events are the session's own."""
