"""Signed statements of a party, appended to the log in the caller's transaction."""
