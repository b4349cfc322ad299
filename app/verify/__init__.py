"""From a photo or typed digits to a verdict."""
