"""Use cases of the resolver: which code a scan is about, and the links of a Digital Link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlmodel import Session

from app.i18n import LANGUAGES, N_, translate
from app.problems import NotFound
from app.resolver import queries, rules
from app.resolver.rules import Subject
from app.resolver.schemas import Asked
from gs1.equivalence import Key
from scanner.reading import Reading, Symbol


def read_text(text: str, own_stems: frozenset[str], hidden: str = "") -> Asked:
    """Read what a person typed, or what a scanner sent as text."""
    text = rules.typed(text)
    subject = rules.read_code(text, own_stems=own_stems)
    if subject.kind == "text":
        subject = rules.miscounted(text) or subject
    return Asked(subject, hidden or subject.hidden)


def read_address(uri: str, own_stems: frozenset[str]) -> Asked:
    """Read the requested address of a Digital Link of this service."""
    subject = rules.read_link(uri, own_stems)
    return Asked(subject, subject.hidden)


def read_photo(
    session: Session, reading: Reading, own_stems: frozenset[str], hidden: str = ""
) -> Asked:
    """Choose the code that a photo is about; the others are named, never followed."""
    read = [
        (rules.read_code(symbol.text, symbol.symbology_identifier, own_stems), symbol)
        for symbol in reading.symbols
    ]
    carried = next((subject.hidden for subject, _ in read if subject.hidden), "")
    found = [pair for pair in read if pair[0].kind != "hidden"]
    if not found:
        unread = "decoders-disagree" if reading.disagreements else "no-symbol"
        return Asked(Subject("none"), unread=unread, reading=reading)
    known = queries.registered(session, (rules.gtin_of(s) for s, _ in found if rules.gtin_of(s)))
    found.sort(key=lambda pair: rules.rank(pair[0], known))
    subject, symbol = found[0]
    rest = [other for other, _ in found[1:]]
    return Asked(
        subject,
        hidden or carried,
        symbol,
        others=tuple(_others(subject, rest)),
        other_products=_contradicting(subject, rest),
        payment_beside=subject.kind != "payment" and any(s.kind == "payment" for s in rest),
        reading=reading,
        shelf=tuple(rules.in_rows(_shelf(found))),
    )


def _shelf(found: Sequence[tuple[Subject, Symbol]]) -> list[tuple[Subject, Symbol]]:
    """Give each unit of a photo once, or lot or product where no unit is told; few are no shelf.

    A code that says less than another of the photo counts as that pack's own barcode.
    """
    packs: dict[Key, tuple[Subject, Symbol]] = {}
    for subject, symbol in found:
        if subject.key is not None and rules.gtin_of(subject):
            packs.setdefault(subject.key, (subject, symbol))
    told = [set(key.items) for key in packs]
    most = [pair for key, pair in packs.items() if not any(set(key.items) < more for more in told)]
    return most if len(most) >= rules.FEWEST_ON_SHELF else []


def _others(chosen: Subject, rest: Sequence[Subject]) -> Iterator[Subject]:
    """Give the other things in the photo, each once; not the chosen one's own barcode."""
    seen = {chosen.key.canonical} if chosen.key else set()
    for subject in rest:
        own_barcode = subject.kind == "gtin" and rules.gtin_of(subject) == rules.gtin_of(chosen)
        if subject.key is None or subject.key.canonical in seen or own_barcode:
            continue
        seen.add(subject.key.canonical)
        yield subject


def _contradicting(chosen: Subject, rest: Sequence[Subject]) -> tuple[str, ...]:
    gtins = [gtin for subject in (chosen, *rest) if (gtin := rules.gtin_of(subject))]
    if not rules.contradict_each_other(gtins):
        return ()
    return tuple(rules.display(Subject("gtin", Key.from_items([("01", g)]))) for g in gtins)


VOCABULARY = "https://gs1.org/voc/"
# What this service has to show of a thing, by GS1 link type: the part of its page, and a title.
_LINKS: Mapping[str, tuple[str, str]] = {
    "pip": ("", N_("What is declared of the product")),
    "traceability": ("#journey", N_("The journey as declared")),
    "recallStatus": ("#why", N_("Whether a recall is in force")),
    "verificationService": ("#why", N_("What was checked of this code")),
}
DEFAULT_LINK = "pip"


def linkset(session: Session, key: Key, base_url: str) -> dict[str, object]:
    """Give the links of a thing and of every wider key it belongs to (RFC 9264; GS1 Resolver).

    Raises NotFound where the product is not registered: then there is nothing to link to.
    """
    ai, value = key.items[0]
    name = queries.product_name(session, value) if ai == "01" else None
    if name is None:
        raise NotFound(N_("Nothing is registered under this number."))
    anchors = (key, *key.parents())
    return {"linkset": [_context(anchor, name, base_url) for anchor in anchors]}


def _context(key: Key, name: str, base_url: str) -> dict[str, object]:
    page = key.to_digital_link(base_url)
    context: dict[str, object] = {"anchor": page, "itemDescription": name}
    for link_type in ("defaultLink", *_LINKS):
        fragment, title = _LINKS[DEFAULT_LINK if link_type == "defaultLink" else link_type]
        context[VOCABULARY + link_type] = [
            {
                "href": f"{page}?lang={lang}{fragment}",
                "title": translate(lang, title),
                "type": "text/html",
                "hreflang": [lang],
            }
            for lang in LANGUAGES
        ]
    return context


def target(key: Key, link_type: str, base_url: str, query: str) -> str:
    """Give where a link type leads, the query of the request passed on; raises NotFound.

    ``link_type`` is written ``gs1:pip`` or as the URI of the vocabulary.
    """
    name = link_type.removeprefix("gs1:").removeprefix(VOCABULARY)
    if name == "defaultLink":
        name = DEFAULT_LINK
    if name not in _LINKS:
        raise NotFound(N_("There is no link of this type."))
    question = f"?{query}" if query else ""
    return key.to_digital_link(base_url) + question + _LINKS[name][0]


def description(base_url: str, name: str) -> dict[str, object]:
    """Give the resolver description file (GS1-Conformant Resolver 1.2, section 5)."""
    return {
        "name": name,
        "resolverRoot": base_url,
        "supportedPrimaryKeys": ["00", "01", "414"],
        "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
    }


def link_header(key: Key, base_url: str) -> str:
    """Give the ``Link`` header of a page: its linkset, and the canonical URI of the thing."""
    page = key.to_digital_link(base_url)
    return (
        f'<{page}?linkType=linkset>; rel="linkset"; type="application/linkset+json", '
        f'<{key.canonical}>; rel="canonical"'
    )
