"""Text that hides from its reader, or passes for other text."""
