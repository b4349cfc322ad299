"""Templates of links to be filled from a Digital Link, in the form of RFC 6570.

``https://example.com/p/{gtin}{?lot,serial}``: a variable is an AI or the name of one. Simple
expressions ``{gtin}`` and form-style queries ``{?lot,serial}`` and ``{&lot}`` are supported; a
variable that the Digital Link does not have becomes nothing, and leaves no name in a query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gs1 import dictionary
from gs1.digital_link.escape import escape
from gs1.digital_link.link import DigitalLink
from gs1.digital_link.path import CONVENIENCE_ALPHAS
from gs1.errors import DigitalLinkError

_CLAUSE = "RFC 6570 2"
_EXPRESSION = re.compile(r"\{([?&]?)([^{}]*)\}")
_LITERAL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_START = re.compile(r"https?://[A-Za-z0-9\-.:\[\]]+(?:[/?#]|\Z)")
#: Names of variables beside the digits of any AI.
VARIABLES = CONVENIENCE_ALPHAS | {"batch": "10", "serial": "21", "tpx": "235", "expiry": "17"}


@dataclass(frozen=True, slots=True)
class LinkTemplate:
    """A template whose variables are known to exist; ``str`` gives the text.

    >>> template = LinkTemplate.parse("https://example.com/p/{gtin}{?lot,serial}")
    >>> template.expand(DigitalLink.parse("https://id.gs1.org/01/09521234543213/10/A%2FB"))
    'https://example.com/p/09521234543213?lot=A%2FB'
    """

    text: str
    variables: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> LinkTemplate:
        """Template from its text, as it is registered.

        Raises DigitalLinkError for an unknown variable, for braces that do not pair, for an
        expression of another kind, and for text around them that no http or https URI can have.

        >>> LinkTemplate.parse("https://example.com/{colour}")
        Traceback (most recent call last):
        ...
        gs1.errors.DigitalLinkError: unknown variable 'colour'
        """
        variables: list[str] = []
        for found in _EXPRESSION.finditer(text):
            for name in found[2].split(","):
                if _ai(name) is None:
                    raise _broken(f"unknown variable {name[:40]!r}", found.start())
                variables.append(name)
        literal = _EXPRESSION.sub("", text)
        if not _LITERAL.fullmatch(literal):
            raise _broken("not the text of a URI with {variables}", 0)
        if not _START.match(text):
            raise _broken("a link begins with http or https and a host without variables", 0)
        return cls(text, tuple(variables))

    def expand(self, link: DigitalLink) -> str:
        """The URI for one Digital Link."""
        return _EXPRESSION.sub(lambda found: _expanded(found, link), self.text)

    def __str__(self) -> str:
        return self.text


def _ai(name: str) -> str | None:
    ai = VARIABLES.get(name, name)
    return ai if dictionary.lookup(ai) else None


def _expanded(found: re.Match[str], link: DigitalLink) -> str:
    operator, names = found.groups()
    pairs = [(name, link.element_string.get(_ai(name) or "")) for name in names.split(",")]
    # The values are ASCII; a query of this form escapes a space as %20 (RFC 6570 3.2.8).
    known = [(name, escape(value)) for name, value in pairs if value is not None]
    if not operator:
        return ",".join(value for _, value in known)
    return "".join(
        f"{operator if index == 0 else '&'}{name}={value}"
        for index, (name, value) in enumerate(known)
    )


def _broken(message: str, position: int) -> DigitalLinkError:
    return DigitalLinkError(message, code="link_template", position=position, clause=_CLAUSE)
