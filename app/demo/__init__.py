"""Sample data and sample pictures."""
