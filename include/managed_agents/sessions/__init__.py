"""Sessions: an agent at work in an environment, with the memory stores it mounts."""
