"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from app.db import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "change_counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_change_counter_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_counter")),
        sqlite_strict=True,
    )
    op.create_table(
        "number_counter",
        sa.Column("prefix", AutoString(length=12), nullable=False),
        sa.Column("key", AutoString(length=5), nullable=False),
        sa.Column(
            "next_reference", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint("prefix", "key", name=op.f("pk_number_counter")),
        sqlite_strict=True,
    )
    op.create_table(
        "party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gln", AutoString(length=13), nullable=True),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("address", AutoString(), nullable=False),
        sa.Column("province", AutoString(length=2), nullable=False),
        sa.Column("phone", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('producer','trader','carrier','certifier','authority')",
            name=op.f("ck_party_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("gln", name=op.f("uq_party_gln")),
        sqlite_strict=True,
    )
    op.create_table(
        "scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("device", AutoString(), nullable=False),
        sa.Column("province", AutoString(length=2), nullable=False),
        sa.Column("scanned_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index("ix_scan_key", ["key", "scanned_at"], unique=False)
        batch_op.create_index("ix_scan_scanned_at", ["scanned_at"], unique=False)

    op.create_table(
        "scan_count",
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_scan_count")),
        sqlite_strict=True,
    )
    op.create_table(
        "api_key",
        sa.Column("id", AutoString(length=16), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("label", AutoString(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_api_key_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_key_party_id"), ["party_id"], unique=False)

    op.create_table(
        "capture_job",
        sa.Column("id", AutoString(length=36), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("entry_index", sa.Integer(), nullable=True),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("errors", AutoString(), nullable=False),
        sa.Column("warnings", AutoString(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued','running','accepted','succeeded','failed')",
            name=op.f("ck_capture_job_state"),
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_capture_job_party_id_party")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture_job")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("capture_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capture_job_party_id"), ["party_id"], unique=False)
        batch_op.create_index("ix_capture_job_state_created", ["state", "created_at"], unique=False)

    op.create_table(
        "kept_reply",
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("key", AutoString(length=64), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", AutoString(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_kept_reply_party_id_party")
        ),
        sa.PrimaryKeyConstraint("party_id", "key", name=op.f("pk_kept_reply")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("kept_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_reply_created_at"), ["created_at"], unique=False)

    op.create_table(
        "party_prefix",
        sa.Column("prefix", AutoString(length=12), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_party_prefix_party_id_party")
        ),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_party_prefix")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("party_prefix", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_party_prefix_party_id"), ["party_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("email", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("password_hash", AutoString(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("role IN ('admin','member','inspector')", name=op.f("ck_person_role")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_person_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_party_id"), ["party_id"], unique=False)

    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gln", AutoString(length=13), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("address", AutoString(), nullable=False),
        sa.Column("province", AutoString(length=2), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("entry_index", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(gln) = 13", name=op.f("ck_place_gln")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_place_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("gln", name=op.f("uq_place_gln")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_party_id"), ["party_id"], unique=False)

    op.create_table(
        "product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gtin", AutoString(length=14), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("name_en", AutoString(), nullable=False),
        sa.Column("brand", AutoString(), nullable=False),
        sa.Column("description", AutoString(), nullable=False),
        sa.Column("net_content", AutoString(), nullable=False),
        sa.Column("origin", AutoString(), nullable=False),
        sa.Column("ingredients", AutoString(), nullable=False),
        sa.Column("storage", AutoString(), nullable=False),
        sa.Column("warnings", AutoString(), nullable=False),
        sa.Column("standards", AutoString(), nullable=False),
        sa.Column("shelf_life_days", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("entry_index", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(gtin) = 14", name=op.f("ck_product_gtin")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_product_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("gtin", name=op.f("uq_product_gtin")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_party_id"), ["party_id"], unique=False)

    op.create_table(
        "signing_key",
        sa.Column("kid", AutoString(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("alg", AutoString(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_signing_key_party_id_party")
        ),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_key_party_id"), ["party_id"], unique=False)

    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("lot", AutoString(length=20), nullable=False),
        sa.Column("production_date", sa.Date(), nullable=True),
        sa.Column("expiry_date", sa.Date(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("entry_index", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_batch_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("product_id", "lot", name=op.f("uq_batch_product_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", AutoString(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("job_id", AutoString(), nullable=True),
        sa.Column("entry_index", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", AutoString(), nullable=False),
        sa.Column("action", AutoString(), nullable=True),
        sa.Column("biz_step", AutoString(), nullable=True),
        sa.Column("disposition", AutoString(), nullable=True),
        sa.Column("event_time", UtcDateTime(), nullable=False),
        sa.Column("time_zone", AutoString(), nullable=False),
        sa.Column("standing", AutoString(), nullable=False),
        sa.Column("record_time", UtcDateTime(), nullable=False),
        sa.Column("read_point", AutoString(), nullable=True),
        sa.Column("biz_location", AutoString(), nullable=True),
        sa.CheckConstraint("standing IN ('owner','partner')", name=op.f("ck_event_standing")),
        sa.ForeignKeyConstraint(
            ["job_id"], ["capture_job.id"], name=op.f("fk_event_job_id_capture_job")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_event_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("entry_index", "position", name=op.f("uq_event_entry_index")),
        sa.UniqueConstraint("event_id", name=op.f("uq_event_event_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_party_id"), ["party_id"], unique=False)

    op.create_table(
        "recall_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", AutoString(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("lot", AutoString(length=20), nullable=True),
        sa.Column("serial", AutoString(length=20), nullable=True),
        sa.Column("reason", AutoString(), nullable=False),
        sa.Column("reason_en", AutoString(), nullable=False),
        sa.Column("instructions", AutoString(), nullable=False),
        sa.Column("hazard_group", AutoString(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.Column("entry_index", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("hazard_group IN ('A','B')", name=op.f("ck_recall_notice_hazard_group")),
        sa.ForeignKeyConstraint(
            ["party_id"], ["party.id"], name=op.f("fk_recall_notice_party_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_recall_notice_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_notice")),
        sa.UniqueConstraint("number", name=op.f("uq_recall_notice_number")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("recall_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recall_notice_party_id"), ["party_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_recall_notice_product_id"), ["product_id"], unique=False
        )

    op.create_table(
        "event_key",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("quantity", sa.Float(), nullable=True),
        sa.Column("unit", AutoString(), nullable=True),
        sa.CheckConstraint(
            "role IN ('epc','parent','child','input','output')", name=op.f("ck_event_key_role")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_key_event_id_event")
        ),
        sa.PrimaryKeyConstraint("event_id", "role", "key", name=op.f("pk_event_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("event_key", schema=None) as batch_op:
        batch_op.create_index("ix_event_key_key", ["key", "event_id"], unique=False)

    op.create_table(
        "serial_issue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("entry_index", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_serial_issue_batch_id_batch")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_serial_issue_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serial_issue")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("serial_issue", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_serial_issue_product_id"), ["product_id"], unique=False
        )

    op.create_table(
        "serial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("serial", AutoString(length=20), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("hidden_hash", sa.LargeBinary(), nullable=True),
        sa.Column("hidden_used_at", UtcDateTime(), nullable=True),
        sa.Column("hidden_used_by", AutoString(), nullable=True),
        sa.Column("hidden_receipt", AutoString(), nullable=True),
        sa.Column("hidden_failures", sa.Integer(), nullable=False),
        sa.Column("hidden_failed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_serial_batch_id_batch")),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["serial_issue.id"], name=op.f("fk_serial_issue_id_serial_issue")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_serial_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serial")),
        sa.UniqueConstraint("hidden_receipt", name=op.f("uq_serial_hidden_receipt")),
        sa.UniqueConstraint("product_id", "serial", name=op.f("uq_serial_product_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("serial", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_serial_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_serial_issue_id"), ["issue_id"], unique=False)

    op.create_table(
        "ledger_checkpoint",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "prev_size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.Text(), nullable=False),
        sa.CheckConstraint("length(root) = 32", name="root_length"),
        sa.CheckConstraint("prev_size >= -1 AND prev_size < size", name="size_grows"),
        sa.PrimaryKeyConstraint("log", "size"),
        sa.UniqueConstraint("log", "prev_size"),
        sqlite_strict=True,
    )
    op.create_table(
        "ledger_entry",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column(
            "entry_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("entry_index >= 0", name="entry_index_from_0"),
        sa.CheckConstraint("length(body) BETWEEN 1 AND 65535", name="body_length"),
        sa.CheckConstraint("length(hash) = 32", name="hash_length"),
        sa.CheckConstraint("length(leaf_hash) = 32", name="leaf_hash_length"),
        sa.CheckConstraint("length(prev) = 32", name="prev_length"),
        sa.PrimaryKeyConstraint("log", "entry_index"),
        sa.UniqueConstraint("log", "prev"),
        sqlite_strict=True,
    )
    op.create_table(
        "ledger_item",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column(
            "entry_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(payload IS NULL) = (salt IS NULL)", name="redacted_together"),
        sa.CheckConstraint("length(commitment) = 32", name="commitment_length"),
        sa.CheckConstraint("length(salt) = 16", name="salt_length"),
        sa.CheckConstraint("position >= 0", name="position_from_0"),
        sa.ForeignKeyConstraint(
            ["log", "entry_index"],
            ["ledger_entry.log", "ledger_entry.entry_index"],
        ),
        sa.PrimaryKeyConstraint("log", "entry_index", "position"),
        sqlite_strict=True,
    )
    op.create_table(
        "ledger_stream",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "entry_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint("length(hash) = 32", name="hash_length"),
        sa.CheckConstraint("length(prev) = 32", name="prev_length"),
        sa.CheckConstraint("seq >= 0", name="seq_from_0"),
        sa.ForeignKeyConstraint(
            ["log", "entry_index"],
            ["ledger_entry.log", "ledger_entry.entry_index"],
        ),
        sa.PrimaryKeyConstraint("log", "stream", "seq"),
        sa.UniqueConstraint("log", "entry_index"),
        sa.UniqueConstraint("log", "stream", "prev"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("ledger_stream", schema=None) as batch_op:
        batch_op.create_index(
            "ledger_stream_keys",
            ["log", "stream"],
            unique=False,
            sqlite_where=sa.text("kind IN ('key.add', 'key.revoke')"),
            postgresql_where=sa.text("kind IN ('key.add', 'key.revoke')"),
        )
    op.execute("INSERT INTO change_counter (id, number) VALUES (1, 0)")


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("ledger_stream", schema=None) as batch_op:
        batch_op.drop_index(
            "ledger_stream_keys",
            sqlite_where=sa.text("kind IN ('key.add', 'key.revoke')"),
            postgresql_where=sa.text("kind IN ('key.add', 'key.revoke')"),
        )

    op.drop_table("ledger_stream")
    op.drop_table("ledger_item")
    op.drop_table("ledger_entry")
    op.drop_table("ledger_checkpoint")
    with op.batch_alter_table("serial", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_serial_issue_id"))
        batch_op.drop_index(batch_op.f("ix_serial_batch_id"))

    op.drop_table("serial")
    with op.batch_alter_table("serial_issue", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_serial_issue_product_id"))

    op.drop_table("serial_issue")
    with op.batch_alter_table("event_key", schema=None) as batch_op:
        batch_op.drop_index("ix_event_key_key")

    op.drop_table("event_key")
    with op.batch_alter_table("recall_notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recall_notice_product_id"))
        batch_op.drop_index(batch_op.f("ix_recall_notice_party_id"))

    op.drop_table("recall_notice")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_party_id"))

    op.drop_table("event")
    op.drop_table("batch")
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signing_key_party_id"))

    op.drop_table("signing_key")
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_party_id"))

    op.drop_table("product")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_place_party_id"))

    op.drop_table("place")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_party_id"))

    op.drop_table("person")
    with op.batch_alter_table("party_prefix", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_prefix_party_id"))

    op.drop_table("party_prefix")
    with op.batch_alter_table("kept_reply", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_reply_created_at"))

    op.drop_table("kept_reply")
    with op.batch_alter_table("capture_job", schema=None) as batch_op:
        batch_op.drop_index("ix_capture_job_state_created")
        batch_op.drop_index(batch_op.f("ix_capture_job_party_id"))

    op.drop_table("capture_job")
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_key_party_id"))

    op.drop_table("api_key")
    op.drop_table("scan_count")
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_index("ix_scan_scanned_at")
        batch_op.drop_index("ix_scan_key")

    op.drop_table("scan")
    op.drop_table("party")
    op.drop_table("number_counter")
    op.drop_table("change_counter")
