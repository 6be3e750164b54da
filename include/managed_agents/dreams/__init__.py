"""Dreams: jobs that consolidate a memory store over past sessions."""
