"""Measures a photographed label's print and says what to do about it."""
