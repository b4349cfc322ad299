"""The same thing in every writing is one key, and keys know what they belong to."""

import pytest

from gs1.epc import from_hex
from gs1.equivalence import Granularity, Key
from gs1.errors import Gs1Error
from gs1.keys import Cpid, Gln, Gtin, Sscc
from tests import outside

# Items that the examples of TDS 2.3 annex E.3 show as URN, bits and Digital Link.
SAME = [
    (
        "sgtin",
        "https://id.gs1.org/01/79521141123453/21/32a%2Fb",
        [
            "(01)79521141123453(21)32a/b",
            "(01)79521141123453(10)LOT(21)32a/b",
            "^01795211411234532132a/b",
            "01795211411234532132a/b\x1d10LOT",
            "]d201795211411234532132a/b",
            "https://example.com/some/01/79521141123453/21/32a%2Fb?17=271231",
            "urn:epc:id:sgtin:9521141.712345.32a%2Fb",
            "urn:epc:tag:sgtin-198:3.9521141.712345.32a%2Fb",
        ],
    ),
    (
        "gtin",
        "https://id.gs1.org/01/09521141123454",
        [
            "(01)09521141123454",
            "]E09521141123454",
            "https://example.com/01/9521141123454",
            "HTTPS://EXAMPLE.COM/01/09521141123454",
            "urn:epc:idpat:sgtin:9521141.012345.*",
        ],
    ),
    (
        "lgtin",
        "https://id.gs1.org/01/09521141123454/10/L1",
        ["(01)09521141123454(10)L1", "urn:epc:class:lgtin:9521141.012345.L1"],
    ),
    (
        "sscc",
        "https://id.gs1.org/00/095201234567891235",
        ["(00)095201234567891235", "https://id.gs1.org/00/095201234567891235"],
    ),
    (
        "sgln",
        "https://id.gs1.org/414/9521141123454/254/32a%2Fb",
        ["(414)9521141123454(254)32a/b", "urn:epc:id:sgln:9521141.12345.32a%2Fb"],
    ),
    (
        "gln",
        "https://id.gs1.org/414/9521141123454",
        ["(414)9521141123454", "(414)9521141123454(254)0", "urn:epc:id:sgln:9521141.12345.0"],
    ),
    (
        "pgln",
        "https://id.gs1.org/417/9521141123454",
        ["(417)9521141123454", "urn:epc:id:pgln:9521141.12345"],
    ),
    (
        "grai",
        "https://id.gs1.org/8003/0952114112345432a%2Fb",
        ["(8003)0952114112345432a/b", "urn:epc:id:grai:9521141.12345.32a%2Fb"],
    ),
    (
        "gcn",
        "https://id.gs1.org/255/9521141678909",
        ["(255)9521141678909", "urn:epc:idpat:sgcn:9521141.67890.*"],
    ),
    (
        "cpi",
        "https://id.gs1.org/8010/95211415PQ7%2FZ43/8011/12345",
        ["(8010)95211415PQ7/Z43(8011)12345", "urn:epc:id:cpi:9521141.5PQ7%2FZ43.12345"],
    ),
    (
        "sitip",
        "https://id.gs1.org/8006/095211411234540102/21/rif981",
        ["(8006)095211411234540102(21)rif981", "urn:epc:id:itip:9521141.012345.01.02.rif981"],
    ),
    (
        "upui",
        "https://id.gs1.org/01/01234567894560/235/51q",
        ["(01)01234567894560(235)51q", "urn:epc:id:upui:1234567.089456.51q"],
    ),
]


@pytest.mark.parametrize(("kind", "canonical", "texts"), SAME, ids=lambda value: str(value)[:40])
def test_every_writing_gives_the_same_key(kind: str, canonical: str, texts: list[str]) -> None:
    keys = {Key.parse(text) for text in [*texts, canonical]}
    assert len(keys) == 1
    key = keys.pop()
    assert (key.canonical, key.kind, str(key)) == (canonical, kind, canonical)


def test_a_plus_tag_gives_the_same_key_without_a_known_prefix() -> None:
    key = Key.from_epc(from_hex("F73795211411234538566CB0AFC4"))
    assert key == Key.parse("(01)79521141123453(21)32a/b")


def test_every_urn_of_another_library_gives_the_key_of_its_element_string() -> None:
    compared = 0
    for case in outside.load("gs1/epcpy_epc_vectors.json")["cases"]:
        text = case.get("gs1_element_string", "")
        # The rules of the AIs refuse piece 00 of an ITIP and CPI serial 0.
        if not case["ok"] or not text or text.startswith("(8006)0012") or "(8011)0" in text:
            continue
        assert Key.parse(case["uri"]) == Key.parse(text), text
        compared += 1
    assert compared > 40


def test_every_digital_link_of_the_reference_engine_is_its_element_string() -> None:
    compared = 0
    for case in outside.load("gs1/engine_oracle.jsonl.gz")[::5]:
        if not case["ok"] or "dl" not in case:
            continue
        try:
            link = Key.parse(case["dl"])
        except Gs1Error as error:
            # Payment slips and the like without the qualifier that makes them a key.
            assert error.code == "no_identification_key"
            continue
        items = [ai for ai, _ in link.items]
        assert case["dl"].startswith(f"https://id.gs1.org/{items[0]}/")
        compared += 1
    assert compared > 500


@pytest.mark.parametrize(
    ("text", "granularity"),
    [
        ("(01)09521141123454", "class"),
        ("(01)09521141123454(22)2A", "class"),
        ("(01)09521141123454(10)L1", "lot"),
        ("(01)09521141123454(21)S1", "instance"),
        ("(8006)095211411234540102", "class"),
        ("(8006)095211411234540102(10)L1", "lot"),
        ("(8003)09521141123454", "class"),
        ("(8003)095211411234541", "instance"),
        ("(253)9521141123454", "class"),
        ("(253)9521141123454A", "instance"),
        ("(8010)95211415PQ7/Z43", "class"),
        ("(8013)1987654Ad4X4bL5ttr2310c2K", "class"),
        ("(00)095201234567891235", "instance"),
        ("(415)9521141123454(8020)R1", "instance"),
        ("(8018)952114112345678906(8019)1", "instance"),
    ],
)
def test_granularity(text: str, granularity: str) -> None:
    assert Key.parse(text).granularity == Granularity(granularity)


def test_the_variant_and_lot_that_do_not_identify_are_kept() -> None:
    key = Key.parse("(01)09521141123454(22)2A(10)L1(21)S1")
    assert (key.kind, key.lot, key.variant) == ("sgtin", "L1", "2A")
    assert Key.parse("(01)09521141123454(22)2A").kind == "cpv"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("(01)09521141123454", []),
        ("(01)09521141123454(10)L1", ["gtin"]),
        ("(01)09521141123454(21)S1", ["gtin"]),
        ("(01)09521141123454(22)2A(10)L1(21)S1", ["lgtin", "cpv", "gtin"]),
        ("(8006)095211411234540102(10)L1(21)S1", ["litip", "itip"]),
        ("(8003)095211411234545678", ["grai"]),
        ("(8003)09521141123454", []),
        ("(8010)95211415PQ7/Z43(8011)12345", ["cpi"]),
        ("(00)095201234567891235", []),
        ("urn:epc:id:gid:1.2.3", []),
    ],
)
def test_parents(text: str, kinds: list[str]) -> None:
    assert [key.kind for key in Key.parse(text).parents()] == kinds


def test_containment_by_declared_lot() -> None:
    item = Key.parse("(01)09521141123454(21)S1")
    lot = Key.parse("(01)09521141123454(10)L1")
    trade_item = Key.parse("(01)09521141123454")
    assert trade_item.contains(item)
    assert trade_item.contains(lot)
    assert not lot.contains(item)
    assert lot.contains(item, declared_lot="L1")
    assert not lot.contains(item, declared_lot="L2")
    assert not lot.contains(trade_item, declared_lot="L1")
    assert item.contains(item)
    assert not item.contains(trade_item)


def test_the_register_goes_before_the_label() -> None:
    labelled = Key.parse("(01)09521141123454(10)L1(21)S1")
    assert Key.parse("(01)09521141123454(10)L1").contains(labelled)
    assert not Key.parse("(01)09521141123454(10)L1").contains(labelled, declared_lot="L2")


def test_key_of_a_parsed_number() -> None:
    assert Key.of(Gtin.parse("9521141123454"), lot="L1").kind == "lgtin"
    assert Key.of(Gln.parse("9521141123454"), serial="A1").kind == "sgln"
    assert Key.of(Cpid.parse("95211415PQ7/Z43"), serial="1").kind == "cpi"
    assert Key.of(Sscc.parse("095201234567891235")).kind == "sscc"


def test_keys_outside_the_gs1_system_keep_their_urn() -> None:
    key = Key.parse("urn:epc:id:gid:1.2.3")
    assert (key.canonical, key.kind) == ("urn:epc:id:gid:1.2.3", "gid")
    assert key.to_epc_urn() == key.canonical
    for ask in (key.to_digital_link, key.to_epc):
        with pytest.raises(Gs1Error):
            ask()


def test_other_writings_of_a_key() -> None:
    key = Key.parse("(01)09521141123454(21)32a/b")
    assert key.to_digital_link("https://example.com/x/") == (
        "https://example.com/x/01/09521141123454/21/32a%2Fb"
    )
    assert key.to_epc_urn(7) == "urn:epc:id:sgtin:9521141.012345.32a%2Fb"
    assert Key.parse("(414)7044610873466").to_epc_urn() == "urn:epc:id:sgln:704461.087346.0"


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([], "no_identification_key"),
        ([("10", "L1")], "no_identification_key"),
        ([("415", "9521141123454")], "no_identification_key"),
        ([("01", "09521141123454"), ("01", "09521141123461")], "no_identification_key"),
        ([("01", "09521141123455")], "incorrect_check_digit"),
        ([("01", "09521141123454"), ("21", "a b")], "invalid_character"),
        ([("01", "09521141123454"), ("21", "")], "empty_value"),
        ([("01", "09521141123454"), ("10", "A" * 21), ("21", "1")], "too_long"),
        ([("8010", "95211415PQ7/Z43"), ("8011", "1A")], "invalid_character"),
    ],
)
def test_items_without_a_key(items: list[tuple[str, str]], code: str) -> None:
    with pytest.raises(Gs1Error) as caught:
        Key.from_items(items)
    assert caught.value.code == code
