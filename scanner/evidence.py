"""How sure a text is, from all the looks that were taken at one place.

Decoders misread retail codes with a right check digit, repeat their misreading on every copy of
the picture, and sometimes agree on it. So what counts is independence: another decoder, the own
decode of the reflectance profile (:mod:`scanner.ean`), the symbol's own error correction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from gs1.check_digit import check_digit
from scanner import geometry, vin, zbar
from scanner.reading import Disagreement, Symbol, Tier
from scanner.sighting import CHECKED_LINEAR, PROFILE, RETAIL, ZXING, Sighting

# Fewer pixels per module than this, or so few rows that gave the text (as a share of the symbol's
# length; bars are 0.7 high), and decoders have been seen to agree on wrong digits.
_ALIASED_BELOW = 1.5
_THIN = 0.12
_MODULES = {13: 95, 8: 67}  # by number of digits, GS1 General Specifications 5.2.1.2
_UPC_E, _UPC_E_MODULES = "UPC-E", 51
_ENOUGH_LOOKS = 3


def is_proven(seen: Sighting, looks: Sequence[Sighting], profile: str = "") -> bool:
    """Whether the looks that gave the text of ``seen`` confirm it; none may differ.

    ``profile`` is what the reflectance profile gave. A retail code needs the profile, or both
    decoders on bars wide enough; ITF, whose every part is a valid ITF, must be a GTIN-14; others
    need both decoders or three looks that differ in picture or threshold.
    """
    if is_disputed([seen, *looks], profile):
        return False
    if seen.is_sure:
        return True
    both = len({look.decoder for look in (seen, *looks)}) > 1
    many = len({look.symbol.variants for look in (seen, *looks)}) >= _ENOUGH_LOOKS
    if seen.group == RETAIL:
        known = profile == seen.text or (both and not is_faint(seen))
        return known and not _may_be_half((seen, *looks))
    if seen.group == "ITF" and not is_gtin14(seen.text):
        return False
    return both or many


def is_disputed(sightings: Sequence[Sighting], profile: str = "") -> bool:
    """Whether looks at one code with a check digit gave different characters.

    Matrix codes differ between decoders only in the guess of a character set (their error
    correction vouches for the bytes), and zbar knows neither Code 39's nor Code 128's extensions
    beyond ASCII.
    """
    first = sightings[0]
    comparable = first.is_linear and first.text.isascii()
    texts = {sighting.text for sighting in sightings} | ({profile} if profile else set())
    return comparable and len(texts) > 1


def weighed(sightings: Sequence[Sighting], profile: str = "") -> Symbol | Disagreement:
    """The symbol at a place, or the disagreement about it; ``sightings[0]`` gives the place."""
    first = sightings[0]
    if not is_disputed(sightings, profile):
        tier: Tier = "confirmed" if is_proven(first, sightings[1:], profile) else "probable"
        return replace(_agreed(first, sightings, profile), tier=tier)
    if profile not in ("", first.text) and is_faint(first):
        return _by_profile(first, profile)
    best = majority(sightings, profile)
    if best is not None:
        return _agreed(best, sightings, profile)
    votes = Counter((look.decoder, look.text) for look in sightings)
    votes.update([(PROFILE, profile)] if profile else [])
    kind = first.symbol
    # zbar's word comes last: alone it was wrong more often than right.
    texts = tuple(sorted(votes, key=lambda pair: (pair[0] == zbar.NAME, -votes[pair], pair)))
    return Disagreement(kind.polygon, texts, kind.symbology, kind.symbology_identifier)


def majority(sightings: Sequence[Sighting], profile: str = "") -> Sighting | None:
    """The text of most readers, and of these the one seen most often, if seen twice.

    One decoder repeats its misreadings: its votes alone decide only where nothing speaks against
    them.
    """
    votes = [(look.text, look.decoder) for look in sightings]
    votes += [(profile, PROFILE)] if profile else []
    texts = Counter(text for text, _reader in votes)
    readers = Counter(text for text, _reader in set(votes))
    text, *others = sorted(texts, key=lambda text: (readers[text], texts[text]), reverse=True)
    tied = any((readers[o], texts[o]) == (readers[text], texts[text]) for o in others)
    if texts[text] < 2 or tied or (others and readers[text] < 2):
        return None
    return next((look for look in sightings if look.text == text), None)


def is_faint(seen: Sighting) -> bool:
    """Whether an EAN/UPC symbol has bars too fine for the picture, or was read in few rows."""
    across, down = geometry.length(seen.symbol.polygon), geometry.height(seen.symbol.polygon)
    modules = _MODULES.get(len(seen.text), 0)
    if seen.text.startswith("0") and "0000" in seen.text[3:12]:
        modules = _UPC_E_MODULES  # it may be one: zeros left out, in half the width
    return across < _ALIASED_BELOW * modules or down < _THIN * across


def _may_be_half(looks: Sequence[Sighting]) -> bool:
    """Whether the bars may be the left half of an EAN-13 symbol whose right half is washed out.

    That half is a UPC-E symbol of number system 1 in one of ten numbers: all readers see it.
    """
    text = looks[0].text
    short = text.startswith("01") and "0000" in text[3:12]
    names = {look.symbol.symbology for look in looks if look.decoder == ZXING}
    return short and names <= {_UPC_E}


def is_gtin14(text: str) -> bool:
    """Fourteen digits, the last of which is their check digit."""
    return (
        len(text) == 14 and text.isascii() and text.isdigit() and check_digit(text[:-1]) == text[-1]
    )


def _by_profile(seen: Sighting, text: str) -> Symbol:
    """What all rows of the bars say, where the decoders read a few of them otherwise."""
    symbol = replace(seen.symbol, text=text, raw=text.encode(), checks=("check-digit", PROFILE))
    return replace(symbol, decoders=(PROFILE,), variants=(PROFILE,), add_on="")


def _agreed(seen: Sighting, sightings: Sequence[Sighting], profile: str) -> Symbol:
    """The symbol with all looks that gave its text, in zxing-cpp's words where it is one."""
    same = [look for look in sightings if look.text == seen.text]
    best = min(same, key=lambda look: look.decoder != ZXING).symbol
    decoders = tuple(sorted({look.decoder for look in same}, reverse=True))
    variants = tuple(dict.fromkeys(name for look in same for name in look.symbol.variants))
    by_profile = profile == seen.text
    return vin.without_identifier(
        replace(
            best,
            polygon=sightings[0].symbol.polygon,
            decoders=decoders,
            variants=variants + ((PROFILE,) if by_profile else ()),
            checks=best.checks + ((PROFILE,) if by_profile else ()),
            add_on=next((look.symbol.add_on for look in same if look.symbol.add_on), ""),
        )
    )


def has_check(seen: Sighting) -> bool:
    """Whether a chance text would fail: a check character, or a vehicle's check digit."""
    return seen.group in CHECKED_LINEAR or vin.number_in(seen.symbol) != ""
