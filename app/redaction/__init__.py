"""Deleting the content of events by law: who ordered it is in the log, the proof stays."""
