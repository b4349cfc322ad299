"""Witnesses: a server that cosigns other people's logs, and the client that asks such servers."""
