"""Pure decisions of accounts."""

from __future__ import annotations

from collections.abc import Iterable


def prefix_of(digits: str, prefixes: Iterable[str]) -> str | None:
    """Give the longest company prefix that ``digits`` (without indicator digit) begins with."""
    fitting = [prefix for prefix in prefixes if digits.startswith(prefix)]
    return max(fitting, key=len, default=None)


def overlaps(prefix: str, others: Iterable[str]) -> str | None:
    """Give a licensed prefix that covers, or is covered by, ``prefix``; else None."""
    for other in others:
        if prefix.startswith(other) or other.startswith(prefix):
            return other
    return None


def password_fault(password: str, email: str) -> str | None:
    """Give the machine code of what is wrong with a new password; None where nothing is.

    Length is what protects a hashed password (NIST SP 800-63B): at least 12 characters.
    """
    if len(password) < 12:
        return "password.short"
    if len(password) > 256:
        return "password.long"
    if email and email.split("@")[0].lower() in password.lower():
        return "password.email"
    if len(set(password)) < 5:
        return "password.repetitive"
    return None
