"""Which AIs may stand together, against the tests of the GS1 Syntax Engine."""

from __future__ import annotations

from typing import Any

import pytest

from gs1 import associations
from gs1.ai_text import MOST_AIS, read_bracketed
from gs1.errors import AssociationError
from gs1.options import Options
from tests import outside

CASES = outside.load("gs1/engine_ai_associations.json")["cases"]


def apply(rule: str, items: associations.Items) -> None:
    ais = [ai for ai, _ in items]
    if rule == "repeats":
        associations.check_repeats(items)
    elif rule == "mutually_exclusive":
        associations.check_exclusive(ais)
    elif rule == "requisites":
        associations.check_requisites(ais)
    else:
        assert rule == "digsig_serialised_key"
        associations.check_signature(items)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['rule']} {c['input'][:40]}")
def test_one_rule_of_the_engine(case: dict[str, Any]) -> None:
    options = Options(unknown_ais=case["permitUnknownAIs"])
    items = tuple(read_bracketed(case["input"], 0, MOST_AIS, options))
    if case["ok"]:
        apply(case["rule"], items)
        return
    with pytest.raises(AssociationError) as caught:
        apply(case["rule"], items)
    assert caught.value.message == case["engine_err"]


def test_the_order_of_the_rules() -> None:
    # (01) with (02) is exclusive, (02) lacks (37), and (01) has two values.
    items = (("01", "12345678901231"), ("02", "12345678901231"), ("01", "12312312312333"))
    with pytest.raises(AssociationError) as caught:
        associations.check(items)
    assert caught.value.code == "exclusive_ais"


def test_requisites_can_be_left_out() -> None:
    items = (("10", "ABC"),)
    with pytest.raises(AssociationError):
        associations.check(items)
    associations.check(items, Options(requisites=False))


def test_values_are_looked_at_for_repeats_and_signatures() -> None:
    with pytest.raises(AssociationError, match="Multiple instances"):
        associations.check((("99", "A"), ("99", "B")))
    associations.check((("99", "A"), ("99", "A")))
    with pytest.raises(AssociationError, match="Serial component"):
        associations.check((("253", "1234567890128"), ("8030", "ABC")))
