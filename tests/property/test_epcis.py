"""Laws of the EPCIS reader: total over every JSON value, canonical form as RFC 8785 writes it."""

from __future__ import annotations

from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from gs1 import epcis
from gs1.epcis import Limits, canonical_json
from gs1.epcis.jsontext import read_json
from gs1.errors import EpcisError

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
SCALAR = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2**53) + 1, 2**53 - 1)
    | st.floats(1e21, allow_infinity=False)
    | TEXT
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["type", "@context", "epcisBody", "eventList", "eventTime", "eventTimeZoneOffset", "action",
     "epcList", "bizStep", "readPoint", "id", "sensorElementList", "sensorReport", "ilmd",
     "errorDeclaration", "parentID", "quantityList", "epcClass", "a:b", "certificationInfo"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["EPCISDocument", "EPCISQueryDocument", "ObjectEvent", "AggregationEvent", "urn:x:y", "ADD",
     "2026-01-01T00:00:00Z", "+07:00", "\ud800", "x" * 10_000, "shipping", "cbv:BizStep-x"]
)  # fmt: skip
HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS | TEXT, inner, max_size=6),
    max_leaves=25,
)


@given(HOSTILE)
def test_every_value_is_valid_or_refused(value: Any) -> None:
    errors = epcis.check(value)
    assert all(isinstance(error, EpcisError) and error.code and error.message for error in errors)
    if not errors:
        assert epcis.parse(value).raw == value


@given(st.binary(max_size=60) | st.text(st.characters(codec="utf-8"), max_size=60).map(str.encode))
def test_short_text_is_refused(body: bytes) -> None:
    assert epcis.check(body)


@given(HOSTILE)
def test_errors_are_stable_and_point_into_the_document(value: Any) -> None:
    errors = epcis.check(value, limits=Limits(errors=3))
    assert len(errors) <= 3
    assert [error.pointer for error in errors] == [
        error.pointer for error in epcis.check(value, limits=Limits(errors=3))
    ]
    assert all(error.pointer == "" or error.pointer.startswith("/") for error in errors)


@given(VALUE)
def test_canonical_form_equals_the_reference_and_reads_back(value: Any) -> None:
    written = canonical_json(value)
    assert written == rfc8785.dumps(value)
    assert canonical_json(read_json(written, Limits())) == written
