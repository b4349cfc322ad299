"""Products (GTIN), places (GLN) and batches (lots)."""
