from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger import codec
from ledger.errors import FormatError

# Each of these passes int() or a loose pattern somewhere.
LOOSE_NUMBERS = [
    "1_000",
    "٣",
    "３",
    "+1",
    "-0",
    "-1",
    " 1",
    "1 ",
    "1\n",
    "01",
    "00",
    "",
    "1.0",
    "1e3",
]
LOOSE_BASE64 = [
    "QQ",
    "QQ=",
    "QQ==\n",
    "Q Q==",
    "QR==",
    "QUI",
    "QUJ=",
    "Q-Q=",
    "QQ===",
    "é==",
    "=QQ=",
]


@pytest.mark.parametrize("text", [*LOOSE_NUMBERS, str(2**63), "9" * 400])
def test_a_number_has_one_spelling(text: str) -> None:
    with pytest.raises(FormatError):
        codec.parse_decimal(text)


@given(st.integers(0, 2**63 - 1))
def test_numbers_return(value: int) -> None:
    assert codec.parse_decimal(str(value)) == value


@given(st.text(max_size=4))
def test_what_is_taken_for_a_number_is_its_own_spelling(text: str) -> None:
    try:
        value = codec.parse_decimal(text)
    except FormatError:
        return
    assert str(value) == text


@pytest.mark.parametrize("text", LOOSE_BASE64)
def test_base64_has_one_spelling(text: str) -> None:
    with pytest.raises(FormatError):
        codec.parse_base64(text)


@given(st.binary(max_size=70))
def test_base64_returns(data: bytes) -> None:
    assert codec.parse_base64(codec.format_base64(data)) == data


@pytest.mark.parametrize(
    "text", ["A" * 64, "g" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n", "٣" * 64]
)
def test_a_hash_is_lower_case_hexadecimal(text: str) -> None:
    with pytest.raises(FormatError):
        codec.parse_hash(text)


def test_a_hash_in_base64_has_32_bytes() -> None:
    with pytest.raises(FormatError):
        codec.parse_hash64("QQ==")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T17:00:00Z",
        "2026-11-22T17:00:00.000+00:00",
        "2026-11-22 17:00:00.000Z",
        "2026-11-22T17:00:00.000000Z",
        "2026-02-30T17:00:00.000Z",
        "2026-11-22T24:00:00.000Z",
        "2026-11-22T23:59:60.000Z",
        "2026-11-22T17:00:00.000Z\n",
        "٢٠٢٦-11-22T17:00:00.000Z",
        "0000-01-01T00:00:00.000Z",
    ],
)
def test_a_time_has_one_spelling(text: str) -> None:
    with pytest.raises(FormatError):
        codec.parse_instant(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_return_to_the_millisecond(value: datetime) -> None:
    text = codec.format_instant(value)
    cut = value.replace(microsecond=value.microsecond // 1000 * 1000)
    assert codec.parse_instant(text) == cut
    assert codec.format_instant(cut) == text


def test_a_time_is_written_in_utc() -> None:
    local = datetime(2026, 11, 23, 0, 0, tzinfo=timezone(timedelta(hours=7)))
    assert codec.format_instant(local) == "2026-11-22T17:00:00.000Z"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(FormatError):
        codec.format_instant(datetime(2026, 11, 22))


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abcdefghijXYZ019_-", max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcXYZ019", max_size=5), values, max_size=4))
def test_canonical_json_is_that_of_rfc_8785(value: dict[str, Any]) -> None:
    data = codec.dump_json(value)
    assert data == rfc8785.dumps(value)
    assert codec.load_json(data) == value


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"a":1.0e0}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":NaN}',
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b'{"a":18446744073709551616}',
        b"[]",
        b"",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
    ],
)
def test_json_in_another_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        codec.load_json(data)


@pytest.mark.parametrize("value", [True, False, 1.0, "1", None, -1, 2**53, 2**63])
def test_only_whole_numbers_count(value: object) -> None:
    with pytest.raises(FormatError):
        codec.count_of(value)


def test_the_largest_count_is_the_largest_that_rfc_8785_writes_exactly() -> None:
    assert codec.count_of(2**53 - 1) == 2**53 - 1
    assert rfc8785.dumps(2**53 - 1) == b"9007199254740991"
    with pytest.raises(rfc8785.IntegerDomainError):
        rfc8785.dumps(2**53)


def test_members_are_exact() -> None:
    others: list[object] = [{"a": 1}, {"a": 1, "b": 2, "c": 3}, [], None]
    for value in others:
        with pytest.raises(FormatError):
            codec.check_members(value, {"a", "b"})
    with pytest.raises(FormatError):
        codec.text_of(b"bytes")
    with pytest.raises(FormatError):
        codec.text_of("half a character: \ud83d")
