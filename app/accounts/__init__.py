"""Parties (GLN, company prefix), people, API keys and signing keys."""
