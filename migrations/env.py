"""Runs the migrations over the connection that `registry.services.operations.maintenance` hands in."""

from __future__ import annotations

from alembic import context

import registry.accounts.api_tokens
import registry.accounts.membership
import registry.accounts.model
import registry.accounts.standing_aside
import registry.attachments.model
import registry.kit.application_case
import registry.kit.decision
import registry.kit.draft
import registry.kit.party_acts
import registry.kit.record
import registry.kit.record_entry
import registry.kit.report
import registry.kit.saved_view
import registry.kit.sheet_job
import registry.kit.text_signature
import registry.kit.watched
import registry.ledger.entry_blocks
import registry.ledger.model
import registry.outbox.model
import registry.search.words.model
import registry.store.counters
import registry.store.leases
import registry.store.state  # the models above fill the metadata
from registry.store.base import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    compare_server_default=False,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
