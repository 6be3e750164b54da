"""Memory stores: named containers of memories. Archiving is one-way and leaves only reading and deleting."""
