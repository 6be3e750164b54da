"""What was said and done in sessions, in order: the table of events, and how they are written and shown."""
