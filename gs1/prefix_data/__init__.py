"""Data of :mod:`gs1.prefix`, and the command that makes it anew."""
