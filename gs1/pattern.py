"""Pure identity patterns: one URN for many EPCs (EPC Tag Data Standard 2.3, section 8)."""

from __future__ import annotations

from dataclasses import dataclass

from gs1 import epc
from gs1.epc import Epc
from gs1.epc.faults import fault
from gs1.epc.schemes import GS1_SCHEMES, Fields, Scheme, scheme_named
from gs1.epc.text import escape, unescape
from gs1.errors import EpcError

_PREFIX = "urn:epc:idpat:"
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Pattern:
    """All EPCs of ``scheme`` whose leading parts are those given; None is the wildcard ``*``.

    Wildcards stand last: after the first of them come only wildcards.

    >>> pattern = Pattern.parse("urn:epc:idpat:sgtin:9521141.*.*")
    >>> pattern.matches("urn:epc:id:sgtin:9521141.012345.S1")
    True
    """

    scheme: str
    fields: Fields

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read ``urn:epc:idpat:…``; EpcError unless it is a pattern of some scheme."""
        name, colon, rest = text[len(_PREFIX) :].partition(":")
        if not text.startswith(_PREFIX) or not colon or len(text) > _LONGEST:
            raise fault("epc_pattern", f"{text[:40]!a} is no EPC pattern", "8", 0)
        scheme = scheme_named(name)
        if scheme.urn_type == "class":
            raise fault("epc_pattern", f"{name} has no patterns", "8")
        parts = rest.split(".", scheme.size - 1)
        if len(parts) != scheme.size:
            raise fault("epc_parts", f"{name} has {scheme.size} parts", "6.3")
        known = [unescape(part) for part in parts]
        while known and known[-1] == "*":
            known.pop()
        _check(scheme, known)
        return cls(name, (*known, *[None] * (scheme.size - len(known))))

    def __str__(self) -> str:
        parts = ("*" if text is None else escape(text) for text in self.fields)
        return f"{_PREFIX}{self.scheme}:{'.'.join(parts)}"

    def matches(self, other: Epc | str) -> bool:
        """True when ``other``, an EPC or the URN of one, is of this pattern.

        Text that is no EPC URN does not match.
        """
        try:
            found = epc.parse(other) if isinstance(other, str) else other
            if found.scheme != self.scheme:
                return False
            if not found.fields and self.fields[0] is not None:
                # A '+' tag does not tell the prefix length: the pattern does.
                found = found.with_prefix_length(len(self.fields[0]))
        except EpcError:
            return False
        if not found.fields:
            return True
        pairs = zip(self.fields, found.fields, strict=True)
        return all(mine is None or mine == its for mine, its in pairs)

    def to_epc(self) -> Epc:
        """The single EPC, or the class of EPCs with one GS1 key, that the pattern stands for.

        EpcError when it is wider than that.
        """
        if None in self.fields[:-1]:
            raise fault("epc_pattern", f"{self} stands for more than one key", "8")
        found = Epc(self.scheme, self.fields)
        if found.is_pattern:
            # Raises unless only the serial after one GS1 key is open.
            found.to_ai_items()
        return found


def identity(urn: str) -> Epc:
    """The EPC, or class of EPCs, that any EPC URN or pattern names.

    Beyond ``gs1.epc.parse`` it reads the class pattern of coupons (SGCN), which CBV 2.0 has.

    >>> identity("urn:epc:idpat:sgcn:4012345.67890.*").to_ai_items()
    (('255', '4012345678901'),)
    """
    return Pattern.parse(urn).to_epc() if urn.startswith(_PREFIX) else epc.parse(urn)


def _check(scheme: Scheme, known: list[str]) -> None:
    """Check the given parts by filling up with parts that are certainly valid."""
    if known:
        scheme.check((*known, *_filler(scheme, known[0])[len(known) :]))


_FILLERS = {
    "gid": ("0", "0", "0"),
    "usdod": ("00000", "0"),
    "adi": ("00000", "", "0"),
    "bic": ("AAAU0000000",),
    "imovn": ("0000000",),
}


def _filler(scheme: Scheme, prefix: str) -> tuple[str, ...]:
    keyed = GS1_SCHEMES.get(scheme.name)
    if keyed is None:
        return _FILLERS[scheme.name]
    reference = ("0" * (keyed.digits - len(prefix)),) if keyed.digits else ()
    return (prefix, *reference, *("0" * part.fewest for part in keyed.parts))
