"""Pages that say the same to everybody, and the figure that stands at the foot of every page."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy.exc import SQLAlchemyError

from app.auth import public
from app.runtime import runtime
from ledger import log as ledger_log

bp = Blueprint("pages", __name__)


@bp.get("/learn")
@public
def learn() -> str:
    """Explain what a code says and what it does not."""
    return render_template("learn.html")


@bp.get("/privacy")
@public
def privacy() -> str:
    """List what is kept about people who scan."""
    return render_template("privacy.html")


def log_size() -> int | None:
    """Number of entries under the last checkpoint; None where the database does not answer.

    The page about a broken database has this foot, too.
    """
    rt = runtime()
    try:
        with rt.db.read() as session:
            last = ledger_log.published_checkpoint(session.connection(), rt.settings.log_origin)
    except SQLAlchemyError:
        return None
    return last.size if last else 0


@bp.app_context_processor
def foot() -> dict[str, object]:
    """Give the templates what a foot or paper shows; the figure is read only where it stands."""
    settings = runtime().settings
    return {"log_size": log_size, "demo": settings.demo, "base_url": settings.base_url}
