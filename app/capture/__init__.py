"""EPCIS capture jobs and the event store."""
