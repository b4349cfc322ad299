from collections.abc import Callable, Collection

import pytest

from ledger import note
from ledger.checkpoint import Checkpoint, LogSigner
from ledger.cosignature import Ed25519Signer, MlDsaSigner, generate_log_signer
from ledger.errors import FormatError, QuorumError, SignatureError
from ledger.note import Note, Signature
from ledger.policy import Group, Policy, Witness
from tests import outside
from tests.ledger_lab import NOW, seed

ORIGIN = "log.example/nguon"
LOG = generate_log_signer(ORIGIN)
SIGNERS = {f"w{n}": Ed25519Signer.generate(f"w{n}.example/key") for n in range(1, 7)}
VKEYS = {name: signer.verifier.format() for name, signer in SIGNERS.items()}
HEAD = Checkpoint(ORIGIN, 42, seed("root"))


def policy(text: str) -> Policy:
    """Policy of a text in which ``<w1>`` stands for the vkey of a witness, ``<log>`` of the log."""
    keys = {**VKEYS, "log": LOG.verifier.format()}
    for name, vkey in keys.items():
        text = text.replace(f"<{name}>", vkey)
    return Policy.parse(text)


def signed(*names: str, log: LogSigner = LOG) -> Note:
    parsed = note.parse(log.sign(HEAD, NOW))
    lines = [SIGNERS[name].cosign(parsed.text, NOW) for name in names]
    return Note(parsed.text, (*parsed.signatures, *lines))


SPEC = """log <log>

witness X1 <w1>
witness X2 <w2>
witness X3 <w3>
group X-witnesses 2 X1 X2 X3

witness Y1 <w4>
witness Y2 <w5>
witness Y3 <w6>
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_the_example_of_the_specification() -> None:
    text = outside.path("ledger/c2sp-specs/tlog-policy.md").read_text(encoding="utf-8")
    example = text.split("```\n")[1]
    for key in ("log", *(f"w{n}" for n in range(1, 7))):
        example = example.replace("<vkey>", f"<{key}>", 1)
    assert example == SPEC
    parsed = policy(SPEC)
    assert parsed.groups[0] == Group("X-witnesses", 2, ("X1", "X2", "X3"))
    assert parsed.log_verifiers == (LOG.verifier,)
    assert Policy.parse(parsed.format()) == parsed


@pytest.mark.parametrize(
    ("names", "enough"),
    [
        ((), False),
        (("w1",), False),
        (("w4", "w5", "w6"), False),
        (("w1", "w2", "w3"), False),
        (("w1", "w4"), False),
        (("w1", "w3", "w5"), True),
        (("w2", "w3", "w6"), True),
        (("w1", "w2", "w3", "w4", "w5", "w6"), True),
    ],
)
def test_two_levels_of_groups(names: Collection[str], enough: bool) -> None:
    if enough:
        policy(SPEC).check(signed(*names))
        return
    with pytest.raises(QuorumError, match="X-and-Y"):
        policy(SPEC).check(signed(*names))


NUMERIC = """witness A1 <w1>
witness A2 <w2>
witness A3 <w3>
witness B1 <w4>
witness B2 <w5>
witness B3 <w6>
group A 1 A1 A2 A3
group B 2 B1 B2 B3
group G any A B
quorum G
"""


@pytest.mark.parametrize(
    ("names", "enough"),
    [
        ((), False),
        (("A1",), True),
        (("A3",), True),
        (("B1",), False),
        (("B1", "B3"), True),
        (("B2", "B3"), True),
        (("A2", "B1"), True),
    ],
)
def test_numeric_thresholds(names: Collection[str], enough: bool) -> None:
    """The cases of sigsum's own test of a policy of this shape."""
    assert policy(NUMERIC).is_quorum(names) == enough


def test_a_name_from_nowhere_counts_for_nothing() -> None:
    assert not policy(NUMERIC).is_quorum(["G2", "B1", "w1"])
    assert policy("quorum none\n").is_quorum([])


@pytest.mark.parametrize(
    "text",
    [
        "quorum none",
        "quorum none\n",
        "\n# comment\n\t # another\n\twitness \t w1  <w1>   https://w1.example/  \n\n  quorum\tw1",
        "log <log> https://log.example/\nwitness w1 <w1>\nquorum w1\n",
        "witness all <w1>\nwitness any <w2>\ngroup group 2 all any\nquorum group\n",
        "witness quorum <w1>\nquorum quorum\n",
        "quorum none\nlog <log>\nwitness w1 <w1>\n",
        "witness w1 <w1>\nwitness w2 <w2>\ngroup g all w1 w2\nquorum w1\n",
    ],
)
def test_forms_that_are_allowed(text: str) -> None:
    parsed = policy(text)
    assert Policy.parse(parsed.format()) == parsed
    assert Policy.parse(parsed.format().encode()) == parsed


def test_names_are_octets() -> None:
    for name in (b"K\xc3\xa9lvin", b"w\x80", b"\xe2\x84\xaa", b"w\xc2\xa0w", b"w\xe2\x80\xa8w"):
        text = b"witness %s %s\nquorum %s\n" % (name, VKEYS["w1"].encode(), name)
        parsed = Policy.parse(text)
        assert parsed.format().encode("utf-8", "surrogateescape") == text
    kelvin = b"witness \xe2\x84\xaa %s\nquorum K\n" % VKEYS["w1"].encode()
    with pytest.raises(FormatError, match="line 2"):
        Policy.parse(kelvin)


W1 = "witness w1 <w1>\n"
W2 = "witness w2 <w2>\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum\n",
        "quorum unknown\n",
        "quorum none none\n",
        "quorum none\nquorum none\n",
        f"{W1}quorum w1\nquorum w1\n",
        f"quorum w1\n{W1}",
        f"{W1}",
        "quorum none\n\x01",
        "quorum none\r\n",
        "# \f\nquorum none\n",
        "# \x7f\nquorum none\n",
        "quorum\vnone\n",
        "quorum\u00a0none\n",
        "quorum none # why\n",
        "QUORUM none\n",
        "quibble w1\nquorum none\n",
        "log\nquorum none\n",
        "log garbage\nquorum none\n",
        "log <log> a b\nquorum none\n",
        "log <log>\nlog <log> https://log.example/\nquorum none\n",
        "witness w1\nquorum none\n",
        "witness w1 <w1> a b\nquorum w1\n",
        "witness w1 <log>\nquorum w1\n",
        "witness none <w1>\nquorum none\n",
        "witness w1 <w1>\nwitness w1 <w2>\nquorum w1\n",
        "witness w1 <w1>\nwitness w2 <w1>\nquorum w1\n",
        f"{W1}group w1 any w1\nquorum w1\n",
        f"{W1}group g 1\nquorum w1\n",
        f"{W1}group none any w1\nquorum none\n",
        f"{W1}group g 0 w1\nquorum g\n",
        f"{W1}group g -1 w1\nquorum g\n",
        f"{W1}group g +1 w1\nquorum g\n",
        f"{W1}group g 01 w1\nquorum g\n",
        f"{W1}group g \u0661 w1\nquorum g\n",
        f"{W1}group g 2 w1\nquorum g\n",
        f"{W1}group g ALL w1\nquorum g\n",
        f"{W1}group g any w2\nquorum g\n",
        f"group g any w1\n{W1}quorum g\n",
        f"{W1}group g any g\nquorum g\n",
        f"{W1}group g any none w1\nquorum g\n",
        f"{W1}group g all w1 w1\nquorum g\n",
        f"{W1}{W2}group g any w1 w2\ngroup h any w1\nquorum g\n",
    ],
)
def test_what_else_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        policy(text)


def test_the_same_key_under_another_name_is_a_duplicate() -> None:
    again = Ed25519Signer("other.example", SIGNERS["w1"].private_key).verifier.format()
    with pytest.raises(FormatError, match="second time"):
        policy(f"{W1}witness w2 {again}\nquorum w1\n")


def test_more_than_the_recommended_32_of_each() -> None:
    many = [MlDsaSigner.generate(f"w.example/{n}").verifier.format() for n in range(40)]
    logs = [generate_log_signer(f"log.example/{n}").verifier.format() for n in range(40)]
    text = "".join(f"log {vkey}\n" for vkey in logs)
    text += "".join(f"witness w{n} {vkey}\n" for n, vkey in enumerate(many))
    text += "group g0 any w0\n" + "".join(f"group g{n} all g{n - 1} w{n}\n" for n in range(1, 40))
    parsed = Policy.parse(text + "quorum g39\n")
    assert (len(parsed.logs), len(parsed.witnesses), len(parsed.groups)) == (40, 40, 40)
    assert parsed.is_quorum(f"w{n}" for n in range(40))
    assert not parsed.is_quorum(f"w{n}" for n in range(40) if n != 7)


ONE = "log <log>\nwitness w1 <w1>\nwitness w2 <w2>\ngroup g any w1 w2\nquorum g\n"


def test_a_log_that_the_policy_does_not_name() -> None:
    other = generate_log_signer("other.example/log")
    note_of_other = note.parse(other.sign(Checkpoint("other.example/log", 42, HEAD.root), NOW))
    with pytest.raises(SignatureError, match="not trusted"):
        policy("log <log>\nquorum none\n").check(note_of_other)
    with pytest.raises(SignatureError, match="not trusted"):
        policy("quorum none\n").check(signed())
    policy("quorum none\n").check(signed(), LOG.verifier)
    with pytest.raises(SignatureError, match="not trusted"):
        policy("quorum none\n").check(signed(), other.verifier)


def test_the_name_of_the_key_is_the_origin() -> None:
    impostor = generate_log_signer("impostor.example/log")
    text = Checkpoint(ORIGIN, 42, HEAD.root).format()
    forged = Note(text, (impostor.ed25519.sign(text),))
    named = f"log {impostor.verifier.format()}\nlog <log>\nquorum none\n"
    with pytest.raises(SignatureError, match="known key"):
        policy(named).check(forged)


def test_a_bad_signature_of_another_log_refuses_the_note_too() -> None:
    """signed-note: where name and identifier match a known key, the signature MUST be verified."""
    other = generate_log_signer("other.example/log")
    both = f"log {other.verifier.format()}\nlog <log>\nquorum none\n"
    line = other.ed25519.sign(HEAD.format())
    policy(both).check(Note(signed().text, (*signed().signatures, line)))
    with pytest.raises(SignatureError, match="does not hold"):
        policy(both).check(Note(signed().text, (*signed().signatures, broken(line))))


def broken(line: Signature) -> Signature:
    return Signature(line.name, line.key_id, line.value[:-1] + bytes([line.value[-1] ^ 1]))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: (broken(s[0]), *s[1:]),
        lambda s: (*s[:2], broken(s[2]), s[3]),
        lambda s: (*s[:3], broken(s[3])),
        lambda s: (*s, broken(s[3])),
    ],
    ids=["log", "first witness", "second witness", "a second line of a witness"],
)
def test_a_bad_signature_of_a_known_key_refuses_the_note(
    change: Callable[[tuple[Signature, ...]], tuple[Signature, ...]],
) -> None:
    good = signed("w1", "w2")
    policy(ONE).check(good)
    with pytest.raises(SignatureError, match="does not hold"):
        policy(ONE).check(Note(good.text, change(good.signatures)))


def test_strangers_neither_help_nor_harm() -> None:
    good = signed("w1", "w5")
    assert policy(ONE).cosigners(good) == ["w1"]
    with pytest.raises(QuorumError, match="cosigned by none"):
        policy(ONE).check(signed("w3", "w4", "w5", "w6"))
    lines = (*good.signatures[:-1], broken(good.signatures[-1]))
    policy(ONE).check(Note(good.text, lines))


def test_both_types_of_keys_cosign() -> None:
    pq = MlDsaSigner.generate("w1.example/key")
    text = f"log <log>\n{W1}witness q {pq.verifier.format()}\ngroup g all w1 q\nquorum g\n"
    parsed = policy(text)
    assert parsed.witnesses[1] == Witness("q", pq.verifier)
    good = signed("w1")
    with pytest.raises(QuorumError):
        parsed.check(good)
    parsed.check(Note(good.text, (*good.signatures, pq.cosign(good.text, NOW))))


def test_every_flipped_bit_of_a_cosigned_checkpoint_is_refused() -> None:
    pq = MlDsaSigner.generate("w1.example/key")
    text = f"log <log>\n{W1}witness q {pq.verifier.format()}\ngroup g all w1 q\nquorum g\n"
    parsed, made = policy(text), signed("w1")
    # The log's own ML-DSA-44 line is not of a key of this policy: its bits are ignored.
    lines = (made.signatures[0], made.signatures[2], pq.cosign(made.text, NOW))
    data = Note(made.text, lines).format()
    parsed.check(note.parse(data))
    short = len(Note(made.text, lines[:2]).format()) + 60
    bits = [*range(short * 8), *range(short * 8, len(data) * 8, 61)]
    for bit in bits:
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((FormatError, SignatureError)):
            parsed.check(note.parse(bytes(flipped)))
