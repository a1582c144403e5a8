"""The pictures of records, as everybody sees them."""

from __future__ import annotations

import functools
from pathlib import Path

from sqlalchemy import select

from registry.accounts.policy import Action, Actor, require
from registry.attachments import file_store, small_pictures
from registry.attachments.model import Attachment, Picture
from registry.errors import NotFound
from registry.kit.display import Words
from registry.kit.record import Record
from registry.services.bootstrap import Registry
from registry.services.publication import record_queries
from registry.services.records.views import PictureView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

PICTURE_KINDS = ("jpeg", "png")
SMALL_PICTURES_KEPT = 512  # of a few thousand bytes each


def find_picture(registry: Registry, actor: Actor, sha256: str) -> tuple[str, Path]:
    """Return kind (jpeg or png) and path of a picture that a record shows now. Raises `NotFound`."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        kind = connection.execute(
            select(Attachment.kind)
            .join(Picture, Picture.attachment_id == Attachment.id)
            .join(Record, Record.id == Picture.record_id)
            .where(Picture.sha256 == sha256[:64], record_queries.PICTURE_IS_SHOWN)
            .limit(1)
        ).scalar_one_or_none()
    if kind is None:
        raise NotFound("picture", sha256[:64])
    return str(kind), file_store.path_of(registry.settings.attachments_dir, sha256)


def find_small_picture(registry: Registry, actor: Actor, sha256: str) -> bytes:
    """Return a picture that a record shows now as lists show it, as WebP. Raises `NotFound`."""
    _kind, path = find_picture(registry, actor, sha256)
    return _drawn_small(path)


@functools.lru_cache(SMALL_PICTURES_KEPT)
def _drawn_small(path: Path) -> bytes:
    """`path`: in the store, where one name has the same bytes for ever."""
    return small_pictures.draw_small(path.read_bytes())


def picture_of(row: FetchedRow) -> PictureView | None:
    """Return the picture of a record that was fetched with it."""
    if row.picture_sha256 is None:
        return None
    alt = Words(row.picture_alt_zh, row.picture_alt_en)
    return PictureView(row.picture_sha256, row.picture_width, row.picture_height, alt)
