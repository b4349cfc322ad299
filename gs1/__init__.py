"""GS1 standards as pure functions and value objects; no input or output, clock or network."""
