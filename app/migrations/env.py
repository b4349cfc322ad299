"""Alembic's entry: runs the migrations over the connection that ``app.schema`` hands in."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import app.accounts.models
import app.capture.models
import app.catalogue.models
import app.issuing.models
import app.recall.models
import app.redaction.models
import app.statements.models
import app.verify.models  # noqa: F401 - imported so that their tables are known
from ledger.schema import metadata as ledger_metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=[SQLModel.metadata, ledger_metadata],
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
