"""A service with a witness: what it publishes, says and shows while the witness is there or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.keyring import log_witnesses
from app.runtime import Runtime
from app.statements import jobs
from ledger import log, note
from ledger.errors import FormatError
from ledger.policy import Log, Policy
from ledger.witness.client import Witnesses
from tests.conftest import RegisteredParty, register
from tests.witness_lab import Running, policy_of, running

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def witness(rt: Runtime, tmp_path: Path) -> Iterator[Running]:
    """The service's witness; both are told of each other."""
    follows = Policy(tuple(Log(key) for key in rt.signer.verifiers))
    with running("w", tmp_path, follows) as one:
        rt.witnesses = Witnesses(policy_of(one))
        yield one
        rt.witnesses.close()


def ready(client: FlaskClient) -> dict[str, object]:
    found: dict[str, object] = client.get("/readyz").json["log"]
    return found


def test_the_policy_in_force_judges_what_is_published(
    witness: Running, rt: Runtime, party: RegisteredParty, client: FlaskClient
) -> None:
    jobs.integrate(rt)
    policy = Policy.parse(client.get("/log/policy").data)
    assert policy.log_verifiers == rt.signer.verifiers
    assert [line.key for line in policy.witnesses] == [key.verifier for key in witness.keys]
    published = note.parse(client.get("/log/checkpoint").data)
    policy.check(published)
    assert {line.name for line in published.signatures} == {rt.settings.log_origin, "w"}


def test_the_page_of_the_log_names_each_key_of_the_witness(
    witness: Running, rt: Runtime, party: RegisteredParty, client: FlaskClient
) -> None:
    jobs.integrate(rt)
    page = client.get("/log?lang=en").get_data(as_text=True)
    table = page[page.index('id="witnesses"') : page.index('id="newest"')]
    assert table.count("Signed") == len(witness.keys) == 2
    assert "Ed25519" in table
    assert "ML-DSA-44" in table
    assert "same machine" not in table  # said of a demonstration's witness alone


def test_the_page_of_the_log_says_that_there_is_no_witness(
    rt: Runtime, party: RegisteredParty, client: FlaskClient
) -> None:
    jobs.integrate(rt)
    page = client.get("/log?lang=en").get_data(as_text=True)
    assert "No witness watches this log yet" in page


def test_readyz_tells_that_publication_lags(
    witness: Running, rt: Runtime, party: RegisteredParty, client: FlaskClient
) -> None:
    jobs.integrate(rt)
    before = ready(client)
    assert before["behind_witnesses"] is False
    assert before["size"] == before["signed"]
    witness.stop()
    register(rt, "Nước mắm Bãi Sậy", "9520002000002", "9520002")
    assert rt.witnesses is not None
    for _ in range(2):
        assert jobs.integrate(rt) is False
    lagging = ready(client)
    assert lagging["behind_witnesses"] is True
    assert lagging["size"] == before["size"]
    assert lagging["signed"] == int(str(before["signed"])) + 1
    with rt.db.read() as session:
        last = log.published_checkpoint(session.connection(), rt.settings.log_origin)
    assert last is not None
    assert client.get("/log/checkpoint").data == last.published
    assert last.size == before["size"]


def test_the_policy_is_read_from_the_settings(rt: Runtime, witness: Running) -> None:
    text = policy_of(witness).format()
    made = log_witnesses(rt.settings.model_copy(update={"witness_policy": text}))
    assert made is not None
    assert made.policy == policy_of(witness)
    assert log_witnesses(rt.settings) is None
    with pytest.raises(FormatError):
        log_witnesses(rt.settings.model_copy(update={"witness_policy": "quorum w"}))
