"""Progress, pace, confidence, status and roll-up: pure functions, no clock and no files."""
