"""Text that orders an agent about: by its mood, by topics that meet in a sentence, and however it is disguised."""
