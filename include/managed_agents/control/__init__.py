"""What the real API has no call for, apart under ``/_control/``: importing transcripts, and seams for tests."""
