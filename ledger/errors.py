"""The error tree of the ledger: one root, a leaf for each kind of cause."""

from __future__ import annotations


class LedgerError(Exception):
    """Root of the ledger's errors; ``code`` is a stable machine name of the cause."""

    code = "ledger"


class FormatError(LedgerError, ValueError):
    """Bytes or text do not have the one form that is allowed."""

    code = "format"


class PathError(FormatError):
    """The text is not the path of a tile, of an entry bundle or of the checkpoint."""

    code = "path"


class WeakKeyError(FormatError):
    """The public key is not a canonical point of the prime-order group of edwards25519."""

    code = "weak-key"


class TooLargeError(LedgerError):
    """The entry is longer than the 65,535 bytes that an entry bundle can hold."""

    code = "too-large"


class ProofError(LedgerError):
    """A Merkle proof does not lead to the root it should lead to."""

    code = "proof"


class SignatureError(LedgerError):
    """A signature is not valid, or none of the trusted key is present."""

    code = "signature"


class QuorumError(SignatureError):
    """Fewer witnesses cosigned than the policy asks for."""

    code = "quorum"


class KeyStatusError(LedgerError):
    """The key is unknown to the log, or was not active at the index in question."""

    code = "key-status"


class ContinuityError(LedgerError):
    """A sequence number or previous hash does not continue its chain."""

    code = "continuity"


class CommitmentError(LedgerError):
    """A payload and its salt do not lead to the root that the statement signed."""

    code = "commitment"


class RedactedError(LedgerError):
    """The payload was destroyed on purpose; only its commitment is left."""

    code = "redacted"


class MissingError(LedgerError):
    """No such entry, checkpoint, item or tile."""

    code = "missing"


class RemoteError(LedgerError):
    """Another host does not answer, answers with an error, or sends more than it may."""

    code = "remote"


class UnavailableError(LedgerError):
    """A database cannot be read now: it is missing, locked or away. Says nothing of its rows."""

    code = "unavailable"


class StateError(LedgerError):
    """What is stored contradicts itself: entries, checkpoints or tiles do not agree."""

    code = "state"


class ForkError(StateError):
    """Going on would show two histories: the state is not the one last signed."""

    code = "fork"


class ClosedError(LedgerError):
    """The log was closed: its last entry names the log that goes on."""

    code = "closed"


class OverloadedError(LedgerError):
    """More is waiting than is let in; nothing was taken, try again in ``retry_after`` seconds."""

    code = "overloaded"

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"the log is overloaded, try again in {retry_after:.1f} s")
        self.retry_after = retry_after


class RollbackError(StateError):
    """The log shows fewer entries than it has shown before."""

    code = "rollback"


class WitnessError(LedgerError):
    """A witness gave no cosignature; ``status`` is that of its HTTP answer."""

    code = "witness"

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class StoppedError(LedgerError):
    """The part of the log that was asked is being closed and takes nothing more."""

    code = "stopped"


class ConflictError(LedgerError):
    """Another process wrote first; nothing was written, try again."""

    code = "conflict"
