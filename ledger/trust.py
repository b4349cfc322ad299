"""What a reader trusts of a log before reading it: its keys, and perhaps its witnesses."""

from __future__ import annotations

from dataclasses import dataclass

from ledger import checkpoint, note
from ledger.checkpoint import Checkpoint
from ledger.errors import FormatError
from ledger.keys import ED25519, PublicKey
from ledger.note import Note, Verifier, VerifierKey
from ledger.policy import Log, Policy


@dataclass(frozen=True)
class Trust:
    """A policy about one log; a key alone is a policy without witnesses.

    Under a policy one of the log's keys is enough (tlog-policy). Keys given by hand must all have
    signed: who breaks one of them cannot leave the other's signature out.
    """

    policy: Policy
    all_keys: bool = False

    def __post_init__(self) -> None:
        origins = {key.name for key in self.policy.log_verifiers}
        if len(origins) != 1:
            raise FormatError(f"the policy names {len(origins)} logs, not one")

    @classmethod
    def of_key(cls, *keys: VerifierKey) -> Trust:
        """Trust in the log's keys, without witnesses."""
        return cls(Policy(tuple(Log(key) for key in keys)), all_keys=True)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.policy.log_verifiers[0].name

    @property
    def verifier(self) -> Verifier | None:
        """The log's Ed25519 key, None if only keys of other types are trusted."""
        keys = (key for key in self.policy.log_verifiers if isinstance(key, Verifier))
        return next(keys, None)

    @property
    def operator(self) -> PublicKey | None:
        """The same key, as the one that signs the operator's statements."""
        key = self.verifier
        return None if key is None else PublicKey(ED25519, key.public_key)

    def checkpoint(self, data: bytes) -> Checkpoint:
        """The checkpoint in a signed note that this trust accepts.

        Raises FormatError, SignatureError, or QuorumError where too few witnesses cosigned.
        """
        signed = note.parse(data)
        self._check_keys(signed)
        self.policy.check(signed)
        return checkpoint.parse(signed.text)

    def log_checkpoint(self, data: bytes) -> Checkpoint:
        """The same, whoever cosigned: what the log alone says."""
        signed = note.parse(data)
        self._check_keys(signed)
        Policy(self.policy.logs).check(signed)
        return checkpoint.parse(signed.text)

    def _check_keys(self, signed: Note) -> None:
        for key in self.policy.log_verifiers if self.all_keys else ():
            key.verify(signed)
