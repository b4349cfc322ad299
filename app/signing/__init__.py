"""Statements that a party signs itself: keys it brings, and events it signs away from us."""
