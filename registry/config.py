"""Settings, read once from the environment. docs/settings.md explains each of them, and a test compares."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from registry.errors import Misconfigured
from registry.observing.log_lines import FORMATS, LEVELS, LogChoice
from registry.operator_profile import OPERATOR_FILE

LOOPBACK_NETWORKS = ("127.0.0.0/8", "::1/128")
DEFAULT_NETWORKS = ",".join(LOOPBACK_NETWORKS)
# How many reads that cost one network may ask a minute, by kind (`portal.web.reading_limits`).
READING_LIMITS = {
    "search": 600,  # searches, lists, comparisons
    "suggest": 1800,  # one for each key that is pressed
    "check": 300,  # up to a thousand numbers each, or a photograph
    "feeds": 240,
    "exports": 60,
    "documents": 240,  # typeset records
    "statistics": 120,  # of past days
}
MAX_LIMIT_DIGITS = 7
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
MAIL_SCHEMES = ("smtp", "smtps", "smtp+starttls")
DEFAULT_BASE_URL = "http://127.0.0.1:8000"
SERVED_ADDRESS_FILE = "served-at"  # the address at which `serve` was last reached
MIN_SECRET_LENGTH = 32  # of the secret in production
MIN_RETENTION_DAYS, MAX_RETENTION_DAYS = 30, 3650
MIN_TOKEN_LENGTH = 16  # of the token that opens /metrics
MIN_SECONDS, MAX_SECONDS = 0.1, 600.0  # of a setting in seconds
SECRET_FILE = "secret-key"  # noqa: S105 - the name of the file, not what is in it


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decides. Paths are absolute, URLs end without a slash; the repr shows no secrets."""

    data_dir: Path
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    base_url: str
    former_secret_keys: tuple[str, ...] = field(default=(), repr=False)  # verify and open, but sign nothing
    page_cache_mb: int = 64
    search_cache_mb: int = 128
    search_meaning: bool = False  # what is near in meaning is looked for where words find little
    search_url: str = field(default="", repr=False)  # "": the embedded index in `index_dir`
    mail_url: str = field(default="", repr=False)  # "": mails are files in `mail_dir`
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, LOOPBACK_NETWORKS))
    clamav: str = ""  # address of the virus scanner, "": none
    log: LogChoice = field(default_factory=LogChoice)
    metrics_token: str = field(default="", repr=False)  # "": /metrics is not served
    write_seconds: float = 3.0  # that a page or program waits to write
    read_seconds: float = 5.0  # that one reading of the database may take for it
    backup_path: Path | None = None  # None: `backups` in the data directory
    backup_recipients: tuple[str, ...] = ()  # public keys of age; (): backups are not encrypted
    reading_limits: Mapping[str, int] = field(default_factory=READING_LIMITS.copy)  # a minute, 0: none
    favoured_networks: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, LOOPBACK_NETWORKS))
    operator_path: Path | None = None  # None: `operator.toml` in the data directory
    retention_days: int = 200  # of applications that came to nothing, and of drafts that are not changed

    @property
    def production(self) -> bool:
        """A base URL that is not loopback means production."""
        return urlsplit(self.base_url).hostname not in LOOPBACK_HOSTS

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The secret that signs, then those of before, which verify too."""
        return (self.secret_key, *self.former_secret_keys)

    @property
    def index_dir(self) -> Path:
        return self.data_dir / "index"

    @property
    def meaning_dir(self) -> Path:
        """The model that compares texts by meaning, and the vectors of texts."""
        return self.data_dir / "meaning"

    @property
    def reports_dir(self) -> Path:
        return self.data_dir / "reports"

    @property
    def mail_dir(self) -> Path:
        return self.data_dir / "mail"

    @property
    def attachments_dir(self) -> Path:
        return self.data_dir / "attachments"

    @property
    def slots_dir(self) -> Path:
        """Locks by which all processes together examine only so many files at a time."""
        return self.data_dir / "slots"

    @property
    def sheets_dir(self) -> Path:
        """Sheets that enterprises have handed in."""
        return self.data_dir / "sheets"

    @property
    def backup_dir(self) -> Path:
        return self.backup_path or self.data_dir / "backups"

    @property
    def operator_file(self) -> Path:
        """Where it is written who runs the register."""
        return self.operator_path or self.data_dir / OPERATOR_FILE

    @property
    def mail_from(self) -> str:
        """The sender of mails: `?from=` of the mail URL, else `pinzheng@` the host of the base URL."""
        given = parse_qs(urlsplit(self.mail_url).query).get("from", [""])[0]
        return given or f"pinzheng@{urlsplit(self.base_url).hostname}"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, local_address: str = "") -> Settings:
        """Read the PINZHENG_… variables. `local_address` stands in for a missing PINZHENG_BASE_URL.

        Raises `Misconfigured` with one clear line when a setting is missing or cannot be used.
        """
        data_dir = Path(environ.get("PINZHENG_DATA_DIR") or "var").absolute()
        base_url = _parse_base_url(
            environ.get("PINZHENG_BASE_URL")
            or local_address
            or _read_text(data_dir / SERVED_ADDRESS_FILE)
            or DEFAULT_BASE_URL
        )
        secrets_given = _parse_secrets(environ.get("PINZHENG_SECRET_KEY") or "")
        settings = cls(
            data_dir=data_dir,
            database_url=_parse_database_url(environ.get("PINZHENG_DATABASE_URL") or "", data_dir),
            secret_key=secrets_given[0],
            former_secret_keys=secrets_given[1:],
            base_url=base_url,
            page_cache_mb=_whole_number(environ, "PINZHENG_PAGE_CACHE_MB", 64),
            search_cache_mb=_whole_number(environ, "PINZHENG_SEARCH_CACHE_MB", 128),
            search_meaning=_is_on(environ, "PINZHENG_SEARCH_MEANING"),
            search_url=_parse_search_url(environ.get("PINZHENG_SEARCH_URL") or ""),
            mail_url=_parse_mail_url(environ.get("PINZHENG_MAIL_URL") or ""),
            trusted_proxies=_parse_networks(
                "PINZHENG_TRUSTED_PROXIES", environ.get("PINZHENG_TRUSTED_PROXIES") or DEFAULT_NETWORKS
            ),
            clamav=_parse_clamav(environ.get("PINZHENG_CLAMAV") or ""),
            log=read_log_choice(environ),
            metrics_token=_parse_metrics_token(environ.get("PINZHENG_METRICS_TOKEN") or ""),
            write_seconds=_seconds(environ, "PINZHENG_WRITE_SECONDS", 3.0),
            read_seconds=_seconds(environ, "PINZHENG_READ_SECONDS", 5.0),
            backup_path=Path(folder).absolute() if (folder := environ.get("PINZHENG_BACKUP_DIR")) else None,
            backup_recipients=tuple(
                (environ.get("PINZHENG_BACKUP_RECIPIENTS") or "").replace(",", " ").split()
            ),
            reading_limits=_parse_limits(environ.get("PINZHENG_READING_LIMITS") or "on"),
            favoured_networks=_parse_networks(
                "PINZHENG_FAVOURED_NETWORKS", environ.get("PINZHENG_FAVOURED_NETWORKS") or DEFAULT_NETWORKS
            ),
            retention_days=_retention_days(environ),
            operator_path=_parse_operator(environ.get("PINZHENG_OPERATOR") or ""),
        )
        if settings.secret_key:
            if settings.production and min(map(len, settings.secret_keys)) < MIN_SECRET_LENGTH:
                raise Misconfigured(
                    "PINZHENG_SECRET_KEY",
                    f"must have at least {MIN_SECRET_LENGTH} characters in production, each of a list with commas between",
                )
            return settings
        if settings.production:
            raise Misconfigured(
                "PINZHENG_SECRET_KEY", "must be set when PINZHENG_BASE_URL is not this machine"
            )
        kept = _parse_secrets(_read_text(data_dir / SECRET_FILE))
        return replace(settings, secret_key=kept[0], former_secret_keys=kept[1:])


def read_log_choice(environ: Mapping[str, str] = os.environ) -> LogChoice:
    """Read how logs are written, before any other setting. Raises `Misconfigured`."""
    level = environ.get("PINZHENG_LOG_LEVEL") or "info"
    if level not in LEVELS:
        raise Misconfigured("PINZHENG_LOG_LEVEL", f"must be one of {', '.join(LEVELS)}, not {level!r}")
    given = environ.get("PINZHENG_LOG_FORMAT") or "keyvalue"
    chosen = next((each for each in FORMATS if each == given), None)
    if chosen is None:
        raise Misconfigured("PINZHENG_LOG_FORMAT", f"must be one of {', '.join(FORMATS)}, not {given!r}")
    return LogChoice(
        level,
        chosen,
        access=_is_on(environ, "PINZHENG_ACCESS_LOG", default="off"),
        slow_ms=_whole_number(environ, "PINZHENG_SLOW_REQUEST_MS", 1000),
    )


def _read_text(path: Path) -> str:
    """The text of a file in the data directory, "" if there is no such file."""
    return path.read_text("utf-8").strip() if path.exists() else ""


def write_served_address(data_dir: Path, address: str) -> None:
    """Keep the local address of the server for commands that run beside it, whose links must open."""
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / SERVED_ADDRESS_FILE).write_text(address + "\n", "utf-8")


def ensure_secret(data_dir: Path) -> None:
    """Write a random secret into the data directory (mode 0600) unless it has one."""
    path = data_dir / SECRET_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secrets.token_hex(32) + "\n")


def _parse_secrets(given: str) -> tuple[str, ...]:
    """The secrets of a list, with commas or line breaks between; ("",) if there is none."""
    named = [each.strip() for each in given.replace("\n", ",").split(",")]
    return tuple(dict.fromkeys(each for each in named if each)) or ("",)


def _parse_base_url(given: str) -> str:
    base_url = given.strip().rstrip("/")
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number
        usable = False
    if not usable or parts.path or parts.query or parts.fragment or parts.username or parts.password:
        raise Misconfigured(
            "PINZHENG_BASE_URL", "must be the root of a web address, such as https://register.example"
        )
    return base_url


def _parse_mail_url(given: str) -> str:
    """The URL of a mail server. The error does not repeat it, because it may hold a password."""
    url = given.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in MAIL_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.path not in ("", "/"):
        raise Misconfigured("PINZHENG_MAIL_URL", f"must begin with {', '.join(MAIL_SCHEMES)} and name a host")
    return url


def _parse_networks(name: str, given: str) -> tuple[IPv4Network | IPv6Network, ...]:
    if given.strip() == "none":
        return ()
    try:
        return tuple(ip_network(each.strip()) for each in given.split(",") if each.strip())
    except ValueError as problem:
        raise Misconfigured(name, f"must be networks such as 10.0.0.0/8, fd00::/8: {problem}") from problem


def _parse_limits(given: str) -> dict[str, int]:
    """The limits of reading: `on`, `off`, or those that differ, as in `search=1200, feeds=0`."""
    if given in ("on", "off"):
        return READING_LIMITS.copy() if given == "on" else {}
    limits = READING_LIMITS.copy()
    for each in given.split(","):
        kind, _sign, number = (part.strip() for part in each.partition("="))
        if (
            kind not in READING_LIMITS
            or not (number.isascii() and number.isdecimal())
            or len(number) > MAX_LIMIT_DIGITS
        ):
            known = ", ".join(READING_LIMITS)
            raise Misconfigured(
                "PINZHENG_READING_LIMITS",
                f"must be on, off or requests a minute such as search=1200; known: {known}",
            )
        limits[kind] = int(number)
    return limits


def _parse_clamav(given: str) -> str:
    address = given.strip()
    try:
        parts = urlsplit(address)
        remote = parts.scheme == "tcp" and bool(parts.hostname) and bool(parts.port) and not parts.path
    except ValueError:
        remote = False
    if address and not remote and not address.startswith("unix:/"):
        raise Misconfigured("PINZHENG_CLAMAV", "must be unix:/path/to/socket or tcp://host:port")
    return address


def _parse_metrics_token(given: str) -> str:
    token = given.strip()
    if token and (len(token) < MIN_TOKEN_LENGTH or not token.isascii() or not token.isprintable()):
        raise Misconfigured(
            "PINZHENG_METRICS_TOKEN", f"must have at least {MIN_TOKEN_LENGTH} plain characters"
        )
    return token


def _retention_days(environ: Mapping[str, str]) -> int:
    days = _whole_number(environ, "PINZHENG_RETENTION_DAYS", 200)
    if not MIN_RETENTION_DAYS <= days <= MAX_RETENTION_DAYS:
        raise Misconfigured(
            "PINZHENG_RETENTION_DAYS", f"must be days from {MIN_RETENTION_DAYS} to {MAX_RETENTION_DAYS}"
        )
    return days


def _parse_operator(given: str) -> Path | None:
    if not given:
        return None
    path = Path(given).absolute()
    if not path.is_file():
        raise Misconfigured("PINZHENG_OPERATOR", "must be the path of a file")
    return path


def _parse_search_url(given: str) -> str:
    url = _postgresql_url(given)
    if given and not url:
        raise Misconfigured("PINZHENG_SEARCH_URL", "must begin with postgresql://")
    return url


def _postgresql_url(given: str) -> str:
    """A PostgreSQL URL as SQLAlchemy wants it, "" for any other URL."""
    for prefix in ("postgres://", "postgresql://", "postgresql+psycopg://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + given.removeprefix(prefix)
    return ""


def _parse_database_url(given: str, data_dir: Path) -> str:
    if not given:
        return f"sqlite:///{data_dir / 'pinzheng.sqlite3'}"
    url = given if given.startswith("sqlite:///") else _postgresql_url(given)
    if not url:
        raise Misconfigured("PINZHENG_DATABASE_URL", "must begin with sqlite:/// or postgresql://")
    return url


def _is_on(environ: Mapping[str, str], name: str, default: str = "on") -> bool:
    text = environ.get(name) or default
    if text not in ("on", "off"):
        raise Misconfigured(name, f"must be on or off, not {text!r}")
    return text == "on"


def _whole_number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal():
        raise Misconfigured(name, f"must be a whole number, not {text!r}")
    return int(text)


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise Misconfigured(
            name, f"must be seconds between {MIN_SECONDS} and {MAX_SECONDS:.0f}, not {text!r}"
        )
    return seconds
