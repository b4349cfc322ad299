"""Background steps of capture, and the worker that runs them with the log's."""

from __future__ import annotations

from functools import partial

from app.capture import service
from app.jobs import Worker
from app.problems import Malformed
from app.runtime import Runtime
from app.statements import jobs as statement_jobs
from app.statements import service as statements
from app.statements.schemas import Author

# Jobs carried out before the log is brought under a new checkpoint: one signature for all.
BURST = 32


def worker(rt: Runtime) -> Worker:
    """Give the worker of a service: capture, checkpoint, the end of the jobs, and the rest."""
    steps = (capture, statement_jobs.integrate, settle, *rt.more_steps)
    return Worker([partial(step, rt) for step in steps])


def capture(rt: Runtime) -> bool:
    """Carry out waiting jobs; true if there may be more."""
    return all(_capture_one(rt) for _ in range(BURST))


def _capture_one(rt: Runtime) -> bool:
    with rt.db.read() as session:
        waiting = service.is_waiting(session, rt.now())
    if not waiting:
        return False
    with rt.db.write() as session:
        lease = service.lease(session, rt.now())
    if lease is None:
        return False  # another worker was quicker
    # Parsed between the transactions: on SQLite an open one holds up every writer.
    try:
        reading = service.read(lease.body)
    except Malformed as refusal:
        with rt.db.write() as session:
            service.refuse(session, lease, refusal, rt.now())
        return True
    with rt.db.write() as session:
        service.process(session, Author.of(rt, lease.party_id), lease, reading)
    return True


def settle(rt: Runtime) -> bool:
    """Finish the jobs whose events a checkpoint covers by now."""
    with rt.db.read() as session:
        covered = statements.covered(session, rt.settings.log_origin)
        due = service.has_accepted(session, covered)
    if due:
        with rt.db.write() as session:
            service.settle(session, covered, rt.now())
    return False
