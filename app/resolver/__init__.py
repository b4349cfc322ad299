"""GS1 Digital Link addresses."""
