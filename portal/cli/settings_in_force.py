"""What `serve --check` prints: the settings in force, without their secrets, and what an operator should look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from registry.config import MIN_SECRET_LENGTH, Settings
from registry.operator_profile import load_operator
from registry.registers import EXTRA_FOLDERS
from registry.services import operations
from registry.services.bootstrap import open_registry

OTHERS = 0o077  # rights of accounts other than one's own


def _without_password(url: str) -> str:
    if "@" not in url:
        return url
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}").geturl()


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or ''}" if url else ""


def _length(secret: str) -> str:
    return f"set, {len(secret)} characters" if secret else ""


VALUES: Mapping[str, Callable[[Settings], object]] = {
    "PINZHENG_DATA_DIR": lambda settings: settings.data_dir,
    "PINZHENG_DATABASE_URL": lambda settings: _without_password(settings.database_url),
    "PINZHENG_SECRET_KEY": lambda settings: "; ".join(map(_length, settings.secret_keys)),
    "PINZHENG_BASE_URL": lambda settings: settings.base_url,
    "PINZHENG_MAIL_URL": lambda settings: _without_user(settings.mail_url),
    "PINZHENG_TRUSTED_PROXIES": lambda settings: ", ".join(map(str, settings.trusted_proxies)),
    "PINZHENG_READING_LIMITS": lambda settings: ", ".join(
        f"{kind}={limit}" for kind, limit in settings.reading_limits.items()
    ),
    "PINZHENG_FAVOURED_NETWORKS": lambda settings: ", ".join(map(str, settings.favoured_networks)),
    "PINZHENG_CLAMAV": lambda settings: settings.clamav,
    "PINZHENG_PAGE_CACHE_MB": lambda settings: settings.page_cache_mb,
    "PINZHENG_SEARCH_CACHE_MB": lambda settings: settings.search_cache_mb,
    "PINZHENG_WRITE_SECONDS": lambda settings: f"{settings.write_seconds:g}",
    "PINZHENG_READ_SECONDS": lambda settings: f"{settings.read_seconds:g}",
    "PINZHENG_SEARCH_MEANING": lambda settings: "on" if settings.search_meaning else "off",
    "PINZHENG_SEARCH_URL": lambda settings: _without_password(settings.search_url),
    "PINZHENG_BACKUP_DIR": lambda settings: settings.backup_dir,
    "PINZHENG_BACKUP_RECIPIENTS": lambda settings: ", ".join(settings.backup_recipients),
    "PINZHENG_OPERATOR": lambda settings: settings.operator_file,
    "PINZHENG_RETENTION_DAYS": lambda settings: settings.retention_days,
    "PINZHENG_LOG_LEVEL": lambda settings: settings.log.level,
    "PINZHENG_LOG_FORMAT": lambda settings: settings.log.format,
    "PINZHENG_ACCESS_LOG": lambda settings: "on" if settings.log.access else "off",
    "PINZHENG_SLOW_REQUEST_MS": lambda settings: settings.log.slow_ms,
    "PINZHENG_METRICS_TOKEN": lambda settings: _length(settings.metrics_token),
    EXTRA_FOLDERS: lambda _settings: os.environ.get(EXTRA_FOLDERS, ""),
}


def settings_lines(settings: Settings) -> Iterator[str]:
    """Yield `NAME = value` for each setting; secrets by their length alone, addresses without passwords."""
    for name, value in VALUES.items():
        yield f"{name} = {value(settings) or '-'}"


def warnings(settings: Settings) -> Iterator[str]:
    """Yield what works but is hardly meant, one line each."""
    if settings.production and not settings.mail_url:
        yield "PINZHENG_MAIL_URL is not set: letters to people are written into files and are not sent"
    if settings.secret_key and min(map(len, settings.secret_keys)) < MIN_SECRET_LENGTH:
        yield f"PINZHENG_SECRET_KEY has fewer than {MIN_SECRET_LENGTH} characters"
    if settings.data_dir.exists() and settings.data_dir.stat().st_mode & OTHERS:
        yield f"{settings.data_dir} can be read by other accounts of this machine: chmod 700"
    if load_operator(settings.operator_file, production=settings.production) is None:
        yield f"{settings.operator_file} does not exist: pages say that the operator has not been named"
    if settings.database_url.startswith("postgresql") and shutil.which("pg_dump") is None:
        yield "pg_dump is not on the PATH: `pinzheng backup` needs it"


def problems(settings: Settings) -> Iterator[str]:
    """Yield what keeps the server from answering, one line each."""
    readiness = operations.check_readiness(open_registry(settings))
    if readiness.schema.word == "missing":
        yield "the tables are missing: run `pinzheng init`"
    elif not readiness.database:
        yield f"the database cannot be used: {' '.join(readiness.problem.split())}"
    elif not readiness.schema.is_usable:
        yield f"the tables are {readiness.schema.word} (schema {readiness.schema.found}): run `pinzheng init`"
