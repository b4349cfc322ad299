"""Serial numbers, SSCCs and labels."""
