"""Secrets: by their form, by the words beside them, by how they look and are used, by the lines around."""
