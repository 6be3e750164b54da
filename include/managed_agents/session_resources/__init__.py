"""Session resources: what is mounted into a session, one by one. Memory stores stay as they were attached."""
