"""Recall notices."""
