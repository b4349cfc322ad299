"""Pictures to symbols and symbols to pictures; knows nothing of the web or the database."""
