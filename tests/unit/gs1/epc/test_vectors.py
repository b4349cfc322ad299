"""The EPC cases of epcpy, and the '+' and '++' examples of TDS 2.3 and EPCB 1.0."""

from typing import Any

import pytest

from gs1 import epc
from gs1.errors import EpcError, Gs1Error
from gs1.keys import Gtin
from tests import outside

_CASES: list[dict[str, Any]] = outside.load("gs1/epcpy_epc_vectors.json")["cases"]
_EPCB: list[dict[str, Any]] = outside.load("gs1/tds23_epcb_vectors.json")["cases"]


def _text(case: dict[str, Any]) -> str:
    return str(case.get("uri") or case["idpat"])


def _with(*names: str, ok: bool = True) -> list[Any]:
    return [
        pytest.param(case, id=f"{number}-{_text(case)}")
        for number, case in enumerate(_CASES)
        if case["ok"] is ok and all(name in case for name in names)
    ]


@pytest.mark.parametrize("case", _with("uri"))
def test_a_urn_is_read_and_written_alike(case: dict[str, Any]) -> None:
    assert epc.parse(case["uri"]).to_urn() == case["uri"]


@pytest.mark.parametrize(
    "case", [case for case in _with(ok=False) if "kwargs" not in case.values[0]]
)
def test_a_wrong_urn_or_pattern_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(EpcError) as caught:
        epc.parse(_text(case))
    assert caught.value.code
    assert caught.value.clause is not None


@pytest.mark.parametrize("case", [case for case in _with(ok=False) if "kwargs" in case.values[0]])
def test_an_epc_that_the_asked_form_cannot_hold(case: dict[str, Any]) -> None:
    found = epc.parse(case["uri"])
    asked = case["kwargs"]
    with pytest.raises(Gs1Error):
        if "gtin_type" in asked:
            Gtin(found.to_ai_items()[0][1]).as_gtin(int(asked["gtin_type"][4:]))
        else:
            found.to_hex(asked["binary_coding_scheme"].lower().replace("_", "-"))


@pytest.mark.parametrize("case", _with("gs1_key"))
def test_the_gs1_key(case: dict[str, Any]) -> None:
    key = epc.parse(_text(case)).gs1_key()
    gtin_type = case.get("kwargs", {}).get("gtin_type")
    if gtin_type:
        assert key is not None
        key = Gtin(key).as_gtin(int(gtin_type[4:]))
    assert key == case["gs1_key"]


@pytest.mark.parametrize("case", _with("gs1_element_string"))
def test_the_element_string_and_back(case: dict[str, Any]) -> None:
    answer = epc.batch_epc(case["uri"])
    assert answer["ai"] == case["gs1_element_string"]
    items = epc.parse(case["uri"]).to_ai_items()
    prefix = case["uri"].split(":")[4].split(".")[0]
    length = case.get("company_prefix_length", len(prefix))
    assert epc.from_items(items, length).to_urn() == case["uri"]


@pytest.mark.parametrize("case", _with("tag_uri", "hex"))
def test_tag_uri_and_bits(case: dict[str, Any]) -> None:
    tagged = epc.parse(case["tag_uri"])
    assert tagged == epc.parse(case["uri"])
    assert tagged.to_tag_uri() == case["tag_uri"]
    assert tagged.to_hex() == case["hex"]
    decoded = epc.from_hex(case["hex"])
    assert decoded.to_tag_uri() == case["tag_uri"]
    assert decoded.to_urn() == case["uri"]


@pytest.mark.parametrize("case", _with("binary"))
def test_raw_uri(case: dict[str, Any]) -> None:
    raw = epc.parse(case["tag_uri"]).to_raw_uri()
    size, digits = raw.removeprefix("urn:epc:raw:").split(".x")
    bits = f"{int(digits, 16):0{4 * len(digits)}b}"
    # The published bits are padded to whole words, the raw URI counts those of the EPC.
    assert bits[: int(size)] == case["binary"][: int(size)]
    assert not case["binary"][int(size) :].strip("0")
    assert epc.parse(raw) == epc.parse(case["uri"])


@pytest.mark.parametrize(
    "case", [case for case in _EPCB if "epc_hex" in case], ids=lambda case: case["scheme"]
)
def test_bits_to_digital_link(case: dict[str, Any]) -> None:
    found = epc.from_hex(case["epc_hex"])
    assert found.tag is not None
    assert found.tag.name == case["scheme"]
    if not case["ok"]:
        with pytest.raises(EpcError):
            found.to_digital_link()
        return
    stem = f"https://{case['hostname'] or 'id.gs1.org'}"
    assert found.to_digital_link() == stem + case["dl_path_and_query"]
    # Printed examples end at a digit, ours at a word.
    assert found.to_hex().ljust(64, "0") == case["epc_hex"].ljust(64, "0")


@pytest.mark.parametrize(
    "case",
    [case for case in _EPCB if "compressed_segment" in case],
    ids=lambda case: case["compressed_segment"],
)
def test_compressed_segments(case: dict[str, Any]) -> None:
    if case["ok"]:
        found = epc.from_compressed(case["compressed_segment"])
        assert found.to_digital_link("https://example.com") == case["dl_uri"]
    else:
        with pytest.raises(EpcError):
            epc.from_compressed(case["compressed_segment"])
