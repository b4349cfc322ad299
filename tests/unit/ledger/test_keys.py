import base64
from dataclasses import replace

import pytest

from ledger.errors import ContinuityError, FormatError, KeyStatusError, SignatureError
from ledger.keys import ED25519, KeyRing, PrivateKey, PublicKey, key_id
from ledger.statement import (
    Batch,
    Body,
    Close,
    Continue,
    KeyAdd,
    KeyRevoke,
    Redact,
    Root,
    Statement,
    check_place,
)
from tests.ledger_lab import NOW, seed

OPERATOR = PrivateKey.from_bytes(seed("operator"))
FIRST = PrivateKey.from_bytes(seed("first"))
SECOND = PrivateKey.from_bytes(seed("second"))


def test_key_identifier_is_the_thumbprint_of_rfc_8037() -> None:
    """RFC 8037, appendix A.3."""
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    public_key = base64.urlsafe_b64decode(x + "=")
    assert key_id(ED25519, public_key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_signature_of_rfc_8032() -> None:
    """RFC 8032, section 7.1, test 2."""
    key = PrivateKey.from_bytes(
        bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    )
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    key.public.verify(b"\x72", key.sign(b"\x72"))
    with pytest.raises(SignatureError):
        key.public.verify(b"\x73", key.sign(b"\x72"))
    with pytest.raises(SignatureError):
        key.public.verify(b"\x72", key.sign(b"\x72")[:-1])


def test_private_keys_return_and_do_not_show() -> None:
    assert PrivateKey.from_bytes(FIRST.to_bytes()).kid == FIRST.kid
    assert FIRST.to_bytes().hex() not in repr(FIRST)
    assert PrivateKey.generate().kid != PrivateKey.generate().kid
    with pytest.raises(FormatError):
        PrivateKey.from_bytes(bytes(31))


def test_unknown_algorithm_is_refused() -> None:
    for make in (
        lambda: PublicKey("RS256", FIRST.public.data),
        lambda: PrivateKey.generate("ES384"),
    ):
        with pytest.raises(FormatError, match="unknown"):
            make()


def add(key: PrivateKey, by: PrivateKey) -> Statement:
    body = KeyAdd(ED25519, key.public.data)
    return Statement("s", 0, bytes(32), "key.add", ED25519, by.kid, NOW, body)


def revoke(key: PrivateKey, by: PrivateKey, as_of: int | None = None) -> Statement:
    body = KeyRevoke(key.kid, as_of)
    return Statement("s", 0, bytes(32), "key.revoke", ED25519, by.kid, NOW, body)


def ring(*steps: tuple[int, Statement]) -> KeyRing:
    ring = KeyRing(OPERATOR.public)
    for index, statement in steps:
        ring.authority(statement, index)
        ring.apply(statement, index)
    return ring


def test_a_key_counts_after_its_entry_and_until_its_revocation() -> None:
    keys = ring((3, add(FIRST, OPERATOR)), (9, revoke(FIRST, OPERATOR)))
    for index in (4, 8):
        assert keys.signer("s", FIRST.kid, index) == FIRST.public
    for index in (0, 3, 9, 10):
        with pytest.raises(KeyStatusError, match="not active"):
            keys.signer("s", FIRST.kid, index)


def test_the_operator_revokes_for_the_past() -> None:
    keys = ring((3, add(FIRST, OPERATOR)), (9, revoke(FIRST, OPERATOR, as_of=6)))
    assert keys.signer("s", FIRST.kid, 5) == FIRST.public
    with pytest.raises(KeyStatusError):
        keys.signer("s", FIRST.kid, 6)


def test_a_party_does_not_revoke_for_the_past() -> None:
    keys = ring((3, add(FIRST, OPERATOR)))
    with pytest.raises(KeyStatusError, match="for the past"):
        keys.authority(revoke(FIRST, FIRST, as_of=5), 9)
    keys.authority(revoke(FIRST, FIRST), 9)


@pytest.mark.parametrize("as_of", [0, 3, 10])
def test_a_key_ends_between_its_entry_and_its_revocation(as_of: int) -> None:
    with pytest.raises(KeyStatusError, match="cannot end"):
        ring((3, add(FIRST, OPERATOR)), (9, revoke(FIRST, OPERATOR, as_of)))


def test_an_active_key_adds_its_successor() -> None:
    keys = ring((0, add(FIRST, OPERATOR)), (1, add(SECOND, FIRST)), (2, revoke(FIRST, SECOND)))
    assert keys.signer("s", SECOND.kid, 3) == SECOND.public
    with pytest.raises(KeyStatusError):
        keys.authority(add(FIRST, FIRST), 3)


def test_nobody_else_adds_a_key() -> None:
    with pytest.raises(KeyStatusError):
        ring((0, add(FIRST, FIRST)))
    with pytest.raises(KeyStatusError):
        KeyRing(None).authority(add(FIRST, OPERATOR), 0)


def test_a_key_is_added_once_and_revoked_once() -> None:
    with pytest.raises(KeyStatusError, match="before"):
        ring((0, add(FIRST, OPERATOR)), (1, add(FIRST, OPERATOR)))
    with pytest.raises(KeyStatusError, match="no active key"):
        ring((0, revoke(FIRST, OPERATOR)))
    with pytest.raises(KeyStatusError, match="no active key"):
        ring((0, add(FIRST, OPERATOR)), (1, revoke(FIRST, OPERATOR)), (2, revoke(FIRST, OPERATOR)))


def test_the_operator_key_is_not_a_party_key() -> None:
    with pytest.raises(KeyStatusError, match="own key"):
        ring((0, add(OPERATOR, OPERATOR)))


def test_the_operator_does_not_sign_for_a_party() -> None:
    keys = ring((0, add(FIRST, OPERATOR)))
    events = replace(add(FIRST, OPERATOR), kind="events", body=Batch(1, bytes(32)))
    with pytest.raises(KeyStatusError):
        keys.authority(events, 1)


OWN = "log.example/nguon"
LOG_BODIES = [Close("next"), Continue("a", b""), Root("a", b"")]


def said(body: Body, by: PrivateKey, stream: str = "s") -> Statement:
    return Statement(stream, 0, bytes(32), "log.x", by.alg, by.kid, NOW, body)


@pytest.mark.parametrize("body", LOG_BODIES)
def test_only_the_operator_speaks_of_the_log(body: Body) -> None:
    keys = ring((0, add(FIRST, OPERATOR)))
    assert keys.authority(said(body, OPERATOR), 1) == OPERATOR.public
    with pytest.raises(KeyStatusError, match="operator"):
        keys.authority(said(body, FIRST), 1)


@pytest.mark.parametrize("body", LOG_BODIES)
def test_what_the_log_says_of_itself_has_its_place(body: Body) -> None:
    check_place(said(body, OPERATOR, OWN), OWN, 0)
    with pytest.raises(ContinuityError, match="stream of its origin"):
        check_place(said(body, OPERATOR, "s"), OWN, 0)
    if isinstance(body, Continue):
        with pytest.raises(ContinuityError, match="first entry"):
            check_place(said(body, OPERATOR, OWN), OWN, 1)
    else:
        check_place(said(body, OPERATOR, OWN), OWN, 1)


def test_a_redaction_is_of_earlier_items_of_the_same_stream() -> None:
    keys = ring((0, add(FIRST, OPERATOR)))
    items = said(Batch(3, bytes(32)), FIRST)
    order = said(Redact(4, (0, 2), "basis", "who"), FIRST)
    assert keys.authority(order, 5) == FIRST.public
    check_place(order, OWN, 5)
    keys.check_redaction(order, items)
    for index in (3, 4):
        with pytest.raises(ContinuityError, match="no entry 4 before"):
            check_place(order, OWN, index)
    for target in (replace(items, body=Batch(2, bytes(32))), add(FIRST, OPERATOR), order):
        with pytest.raises(KeyStatusError):
            keys.check_redaction(order, target)
    other = replace(items, stream="t")
    with pytest.raises(KeyStatusError, match="another stream"):
        keys.check_redaction(order, other)
    keys.check_redaction(replace(order, stream=OWN, kid=OPERATOR.kid), other)


def test_the_holder_of_a_key_is_known_after_its_end() -> None:
    keys = ring((0, add(FIRST, OPERATOR)), (4, revoke(FIRST, OPERATOR)))
    assert keys.holder(add(SECOND, FIRST)) == FIRST.public
    assert keys.holder(add(SECOND, OPERATOR)) == OPERATOR.public
    with pytest.raises(KeyStatusError):
        keys.holder(add(FIRST, SECOND))


def test_a_statement_names_the_algorithm_of_its_key() -> None:
    keys = ring((0, add(FIRST, OPERATOR)))
    with pytest.raises(KeyStatusError, match="ES256"):
        keys.authority(replace(add(SECOND, FIRST), alg="ES256"), 1)
    with pytest.raises(KeyStatusError, match="ES256"):
        keys.authority(replace(add(SECOND, OPERATOR), alg="ES256"), 1)
