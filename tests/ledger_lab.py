"""A small log with one operator and its parties, for the ledger's tests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine

from ledger import database, log, schema, statement
from ledger.audit import AuditReport, audit
from ledger.checkpoint import Checkpoint
from ledger.keys import PrivateKey
from ledger.log import Appended, Item, Submission
from ledger.note import Signer
from ledger.statement import Close, Continue, Redact, Root
from ledger.tiles import TileStore

ORIGIN = "log.example/nguon"
NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)


def seed(text: str) -> bytes:
    """32 bytes that are the same in every run."""
    return hashlib.sha256(text.encode()).digest()


class Lab:
    """A log in a database and a folder; all keys and salts are the same in every run."""

    def __init__(self, url: str, folder: Path, name: str = ORIGIN) -> None:
        self.url = url
        self.origin = name
        self.engine: Engine = database.connect(url)
        self.tiles = TileStore(folder)
        self.signer = Signer(name, Ed25519PrivateKey.from_private_bytes(seed("operator")))
        self.operator = PrivateKey(self.signer.private_key)
        self.keys: dict[str, PrivateKey] = {}
        self.clock = NOW

    @property
    def vkey(self) -> str:
        return self.signer.verifier.format()

    def create(self) -> Lab:
        schema.metadata.create_all(self.engine)
        return self

    def now(self) -> datetime:
        self.clock += timedelta(seconds=1)
        return self.clock

    def key(self, stream: str) -> PrivateKey:
        return self.keys.setdefault(stream, PrivateKey.from_bytes(seed(f"key of {stream}")))

    def add_key(
        self, stream: str, key: PrivateKey | None = None, by: PrivateKey | None = None
    ) -> Appended:
        """Add a key to a stream, signed by the operator unless another key is given."""
        signer, public = by or self.operator, (key or self.key(stream)).public
        with self.engine.begin() as connection:
            seq, prev = log.stream_head(connection, self.origin, stream)
            data = statement.build_key_add(
                stream=stream,
                seq=seq,
                prev=prev,
                key_alg=public.alg,
                public_key=public.data,
                alg=signer.alg,
                kid=signer.kid,
                signed_at=self.now(),
            )
            return self._append(connection, data, signer)

    def revoke_key(
        self, stream: str, kid: str, as_of: int | None = None, by: PrivateKey | None = None
    ) -> Appended:
        signer = by or self.operator
        with self.engine.begin() as connection:
            seq, prev = log.stream_head(connection, self.origin, stream)
            data = statement.build_key_revoke(
                stream=stream,
                seq=seq,
                prev=prev,
                revoked=kid,
                as_of=as_of,
                alg=signer.alg,
                kid=signer.kid,
                signed_at=self.now(),
            )
            return self._append(connection, data, signer)

    def say(
        self,
        body: Redact | Close | Continue | Root,
        stream: str | None = None,
        by: PrivateKey | None = None,
    ) -> Appended:
        """A statement about the log, on its own stream and by the operator unless told."""
        signer, place = by or self.operator, stream or self.origin
        with self.engine.begin() as connection:
            seq, prev = log.stream_head(connection, self.origin, place)
            data = statement.build_log(
                body,
                stream=place,
                seq=seq,
                prev=prev,
                alg=signer.alg,
                kid=signer.kid,
                signed_at=self.now(),
            )
            return self._append(connection, data, signer)

    def _append(self, connection: Connection, data: bytes, signer: PrivateKey) -> Appended:
        return log.append(
            connection,
            origin=self.origin,
            statement=data,
            signature=signer.sign(data),
            received_at=self.now(),
            operator=self.operator.public,
        )

    def items(self, *payloads: bytes) -> list[Item]:
        return [(payload, seed(payload.hex())[:16]) for payload in payloads]

    def statement(
        self, connection: Connection, stream: str, items: Sequence[Item], kind: str = "events"
    ) -> bytes:
        """Bytes of the stream's next statement."""
        seq, prev = log.stream_head(connection, self.origin, stream)
        return self.build(stream, seq, prev, items, kind)

    def build(
        self, stream: str, seq: int, prev: bytes, items: Sequence[Item], kind: str = "events"
    ) -> bytes:
        return statement.build(
            stream=stream,
            seq=seq,
            prev=prev,
            commitments=[statement.commitment(salt, payload) for payload, salt in items],
            alg=self.key(stream).alg,
            kid=self.key(stream).kid,
            signed_at=self.now(),
            kind=kind,
        )

    def append(self, stream: str, *payloads: bytes) -> Appended:
        """One statement about these payloads, in a transaction of its own."""
        with self.engine.begin() as connection:
            return self.append_in(connection, stream, *payloads)

    def append_in(self, connection: Connection, stream: str, *payloads: bytes) -> Appended:
        log.lock(connection)
        return self.append_unlocked(connection, stream, *payloads)

    def append_unlocked(self, connection: Connection, stream: str, *payloads: bytes) -> Appended:
        """As a careless caller does it, who reads the head of the stream before the lock."""
        items = self.items(*payloads)
        data = self.statement(connection, stream, items)
        return log.append(
            connection,
            origin=self.origin,
            statement=data,
            signature=self.key(stream).sign(data),
            received_at=self.now(),
            items=items,
        )

    def grow(self, stream: str, count: int) -> None:
        """Append ``count`` statements of one item in one transaction."""
        with self.engine.begin() as connection:
            seq, prev = log.stream_head(connection, self.origin, stream)
            batch = []
            for number in range(seq, seq + count):
                items = self.items(f"{stream} {number}".encode())
                data = self.build(stream, number, prev, items)
                batch.append(Submission(data, self.key(stream).sign(data), items))
                prev = hashlib.sha256(data).digest()
            log.append_all(connection, batch, origin=self.origin, received_at=self.now())

    def integrate(self) -> Checkpoint:
        return log.integrate(
            self.engine, origin=self.origin, signer=self.signer, now=self.now(), tiles=self.tiles
        )

    def recover(self) -> int:
        return log.recover(
            self.engine, origin=self.origin, verifier=self.signer.verifier, tiles=self.tiles
        )

    def audit(self) -> AuditReport:
        return audit(
            self.engine, origin=self.origin, verifier=self.signer.verifier, tiles=self.tiles
        )

    def files(self) -> dict[str, bytes]:
        """Every public file by its path."""
        folder = self.tiles.folder
        return {
            str(file.relative_to(folder)): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file() and not file.name.startswith(".")
        }
