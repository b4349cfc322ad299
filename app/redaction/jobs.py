"""Background step: let the register, files and backups follow what the log ordered to delete."""

from __future__ import annotations

from app.redaction import service
from app.runtime import Runtime
from app.statements.schemas import Author
from ledger.errors import ConflictError


def scrub(rt: Runtime) -> bool:
    """Blank and overwrite deleted content where some is left; asks for no look at once."""
    with rt.db.read() as session:
        behind = service.is_behind(session, rt.settings.log_origin)
        due = behind or service.is_due(session)
    if behind:
        with rt.db.write() as session:
            service.follow(session, Author.of(rt, 0))
    if due:
        try:
            service.scrub_files(rt.db.engine, rt.settings.backups, rt.now())
        except ConflictError:
            return False  # somebody still reads the old content: seen at the next look
    return False
