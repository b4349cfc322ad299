"""Strict JSON: what RFC 8259 and RFC 7493 forbid, and the limits on hostile text."""

from __future__ import annotations

import pytest

from gs1.epcis import Limits, canonical_json
from gs1.epcis.jsontext import check_value, pointer, read_json
from gs1.errors import EpcisError

SMALL = Limits(size=200_000, depth=4, items=5)

REFUSED = {
    "empty": (b"", "json"),
    "truncated": (b'{"a": [1, 2', "json"),
    "two values": (b"{} {}", "json"),
    "byte order mark": (b"\xef\xbb\xbf{}", "json"),
    "single quotes": (b"{'a': 1}", "json"),
    "trailing comma": (b"[1,]", "json"),
    "NaN": (b'{"a": NaN}', "json"),
    "infinity": (b"[-Infinity]", "json"),
    "latin-1": (b'"\xe9"', "encoding"),
    "overlong": (b'"\xc0\xaf"', "encoding"),
    "encoded surrogate": (b'"\xed\xa0\x80"', "encoding"),
    "escaped lone surrogate": (b'{"a": "x\\ud800y"}', "surrogate"),
    "surrogate in a name": (b'{"\\udfff": 1}', "surrogate"),
    "same name twice": (b'{"a": 1, "b": 2, "a": 1}', "duplicate-name"),
    "same name by escape": (b'{"a": 1, "\\u0061": 2}', "duplicate-name"),
    "same name deep inside": (b'[{"x": {"a": 1, "a": 2}}]', "duplicate-name"),
    "integer beyond binary64": (b"[9007199254740992]", "number-range"),
    "negative beyond": (b"[-9007199254740992]", "number-range"),
    "5000 digits": (b"[" + b"9" * 5000 + b"]", "number-range"),
    "float overflow": (b"[1e400]", "number-range"),
    "canonical form is an unsafe integer": (b"[-1e16]", "number-range"),
    "deep arrays": (b"[[[[[1]]]]]", "too-deep"),
    "very deep arrays": (b"[" * 100_000, "too-deep"),
    "very deep objects": (b'{"a":' * 30_000, "too-deep"),
    "many items": (b"[1,2,3,4,5,6]", "too-many"),
    "many members": (b'{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}', "too-many"),
    "too large": (b" " * 200_001, "too-large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_code(name: str) -> None:
    body, code = REFUSED[name]
    with pytest.raises(EpcisError) as caught:
        read_json(body, SMALL)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b' {"a": [true, null, -0.5, 9007199254740991]} ', {"a": [True, None, -0.5, 2**53 - 1]}),
        ('"Cà phê \\ud83d\\ude00"'.encode(), "Cà phê 😀"),
        (b"[[[[]]]]", [[[[]]]]),
        (b"[6.02e23, -1e21]", [6.02e23, -1e21]),
    ],
)
def test_accepted(body: bytes, value: object) -> None:
    assert read_json(body, SMALL) == value


def test_the_place_is_pointed_at() -> None:
    with pytest.raises(EpcisError) as caught:
        read_json(b'{"a/b": [1, {"~": 1e999}]}', SMALL)
    assert caught.value.pointer == "/a~1b/1/~0"


@pytest.mark.parametrize("value", [{1: 2}, {"a": {1, 2}}, [b"bytes"], float("nan"), [object()]])
def test_a_value_that_json_cannot_hold(value: object) -> None:
    with pytest.raises(EpcisError):
        check_value(value, SMALL)


def test_rfc_6901_examples() -> None:
    # RFC 6901 section 5.
    assert [pointer(path) for path in [(), ("foo", 0), ("",), ("a/b",), ("m~n",)]] == [
        "",
        "/foo/0",
        "/",
        "/a~1b",
        "/m~0n",
    ]


def test_rfc_8785_examples() -> None:
    # RFC 8785 sections 3.2.2 and 3.2.3.
    numbers = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\x0f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert canonical_json(numbers) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    names = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7}
    expected = '{"\\r":2,"1":4,"\x80":6,"ö":7,"€":1,"😀":5,"\ufb33":3}'
    assert canonical_json(names) == expected.encode()
