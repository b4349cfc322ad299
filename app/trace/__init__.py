"""The journey of a unit, read from the events."""
