"""Numbers issued under a prefix: order, capacity, refusals, and how hard a serial is to guess."""

import math
import random

import pytest

from gs1 import issuing
from gs1.check_digit import CSET82, verify
from gs1.errors import CapacityError, FormatError
from gs1.keys import Gln, Gtin, Sscc

PREFIX = "8936012345"


def test_all_gtins_of_a_prefix_then_none() -> None:
    issued = []
    last = None
    for _ in range(100):
        last = issuing.next_gtin(PREFIX, last)
        verify(last.value)
        issued.append(last.value)
    assert len(set(issued)) == issuing.gtin_capacity(PREFIX) == 100
    assert issued == sorted(issued)
    assert all(text.startswith(PREFIX) and len(text) == 13 for text in issued)
    with pytest.raises(CapacityError) as caught:
        issuing.next_gtin(PREFIX, last)
    assert caught.value.code == "capacity_exhausted"


def test_all_glns_of_a_prefix_then_none() -> None:
    last = None
    for _ in range(issuing.gln_capacity(PREFIX)):
        last = issuing.next_gln(PREFIX, last)
    assert last == issuing.nth_gln(PREFIX, 99)
    with pytest.raises(CapacityError):
        issuing.next_gln(PREFIX, last)


def test_a_prefix_of_12_digits_has_one_number() -> None:
    only = issuing.next_gtin("893601234567")
    assert only == Gtin.parse("8936012345674")
    with pytest.raises(CapacityError):
        issuing.next_gtin("893601234567", only)


def test_the_next_gtin_of_one_read_in_14_digits() -> None:
    assert issuing.next_gtin("893601234", Gtin.parse("08936012340075")).value == "8936012340082"


def test_sscc_goes_on_with_the_next_extension_digit() -> None:
    assert issuing.sscc_capacity("893601234567") == 100_000
    last_of_0 = issuing.nth_sscc("893601234567", 9_999)
    assert last_of_0.extension_digit == 0
    following = issuing.next_sscc("893601234567", last_of_0)
    assert following.value[:17] == "18936012345670000"
    assert issuing.next_sscc("893601234567").value[:17] == "08936012345670000"
    with pytest.raises(CapacityError):
        issuing.next_sscc("893601234567", issuing.nth_sscc("893601234567", 99_999))


@pytest.mark.parametrize("prefix", ["", "893", "8936012345678", "89360x", "８936012"])
def test_a_company_prefix_has_4_to_12_digits(prefix: str) -> None:
    for ask in (issuing.gtin_capacity, issuing.gln_capacity, issuing.sscc_capacity):
        with pytest.raises(FormatError):
            ask(prefix)


def test_a_number_of_another_company_is_refused() -> None:
    with pytest.raises(FormatError) as caught:
        issuing.next_gln(PREFIX, Gln.parse("9521141123454"))
    assert caught.value.code == "other_company_prefix"
    with pytest.raises(FormatError):
        issuing.next_sscc(PREFIX, Sscc.parse("106141412345678908"))


def test_a_negative_reference_is_refused() -> None:
    with pytest.raises(FormatError):
        issuing.nth_gtin(PREFIX, -1)


def test_random_serials_hold_64_bits_and_no_words() -> None:
    bits = issuing.SERIAL_LENGTH * math.log2(len(issuing.SERIAL_ALPHABET))
    assert bits >= 64
    assert len(set(issuing.SERIAL_ALPHABET)) == len(issuing.SERIAL_ALPHABET)
    assert set(issuing.SERIAL_ALPHABET) <= set(CSET82)
    assert not set(issuing.SERIAL_ALPHABET) & set("AEIOUY01258LSZBaeiouy")


def test_random_serials_use_the_whole_alphabet_evenly() -> None:
    rng = random.Random(3)
    serials = {issuing.random_serial(rng) for _ in range(2_000)}
    assert len(serials) == 2_000
    text = "".join(serials)
    expected = len(text) / len(issuing.SERIAL_ALPHABET)
    for char in issuing.SERIAL_ALPHABET:
        assert 0.85 < text.count(char) / expected < 1.15


def test_the_random_source_decides() -> None:
    assert issuing.random_serial(random.Random(5)) == issuing.random_serial(random.Random(5))
    assert len(issuing.random_serial(random.SystemRandom(), 20)) == 20


@pytest.mark.parametrize("length", [0, 14, 21])
def test_short_and_long_random_serials_are_refused(length: int) -> None:
    with pytest.raises(FormatError):
        issuing.random_serial(random.Random(), length)


def test_sequential_serials() -> None:
    assert issuing.sequential_serial(0) == "0"
    assert issuing.sequential_serial(7, 3) == "007"
    assert issuing.sequential_serial(10**20 - 1) == "9" * 20
    for number, width in ((1000, 3), (10**20, 1)):
        with pytest.raises(CapacityError):
            issuing.sequential_serial(number, width)
    with pytest.raises(FormatError):
        issuing.sequential_serial(1, 21)
