"""What the real API has no call for, apart under ``/_control/``: importing transcripts, and playing the service in tests."""
