"""Background step: bring committed entries under a signed checkpoint."""

from __future__ import annotations

from app.runtime import Runtime
from app.statements import service
from ledger import log as ledger_log
from ledger.errors import ConflictError, QuorumError


def integrate(rt: Runtime) -> bool:
    """Sign and publish a checkpoint where entries wait for one; true if another look is due."""
    origin = rt.settings.log_origin
    with rt.db.read() as session:
        behind = service.is_behind(session, origin, rt.tiles)
    if not behind:
        return False
    try:
        ledger_log.integrate(
            rt.db.engine,
            origin=origin,
            signer=rt.signer,
            now=rt.now(),
            tiles=rt.tiles,
            witnesses=rt.witnesses,
        )
    except ConflictError:
        return True  # another process signed first; what is left is seen at the next look
    except QuorumError:
        return False  # signed, and published once enough witnesses are back: asked at each look
    return False
