"""The environment, typed, read and checked once: `from opengallery.kit.env import env`."""

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAIL_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}


class BadSetting(ValueError):  # noqa: N818
    """A setting of the environment that cannot be understood; the message is one sentence for the operator."""


@dataclass(frozen=True)
class MailServer:
    """Where letters are handed over: `security` is "smtp" (none), "smtp+starttls" or "smtps"."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "smtp"


@dataclass(frozen=True)
class Environment:
    """What the operator decided outside of the program; nothing else in the house reads os.environ."""

    database_url: str | None = field(repr=False)
    data: Path
    sandbox: bool
    sandbox_start: datetime | None
    demo: bool
    debug: bool
    call_private: bool
    host: str
    port: int
    base_url: str
    timezone: str
    brand: str
    mail_server: MailServer | None
    mail_from: str
    sms_url: str
    sms_token: str = field(repr=False)
    given_secret_key: str = field(repr=False)
    given_signing_key: str = field(repr=False)

    @cached_property
    def secret_key(self) -> str:
        """What sessions and forms are signed with; given, or kept in DATA/secret.key."""
        return self.given_secret_key or kept(self.data / "secret.key", lambda: secrets.token_urlsafe(48))

    @cached_property
    def signing_key(self) -> bytes:
        """The 32 bytes of the installation's private Ed25519 key; given, or kept in DATA/signing.key."""
        return bytes.fromhex(self.given_signing_key or kept(self.data / "signing.key", lambda: secrets.token_hex(32)))

    @property
    def mail_folder(self) -> Path:
        """Where letters are written, one file each, while there is no mail server."""
        return self.data / "mail"

    @property
    def hosts(self) -> list[str]:
        """The names under which the web server may be addressed: its own address, and this machine's."""
        return list(dict.fromkeys([urlsplit(self.base_url).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]))


def kept(path: Path, fresh: Callable[[], str]) -> str:
    """The secret in that file, created (0600) by the first who asks.

    Without the folder there is no installation yet, so the secret lives only as long as this process.
    """
    if path.exists():
        return path.read_text().strip()
    if not path.parent.is_dir():
        return fresh()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(fresh() + "\n")
        file.flush()
        os.fsync(file.fileno())
    # A link is all or nothing: of two processes one wins, and a crash leaves no half-written secret.
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text().strip()


def read_environment(values: Mapping[str, str]) -> Environment:
    """Read and check the settings; raises BadSetting with one sentence."""
    host = values.get("OPENGALLERY_HOST") or "127.0.0.1"
    port = read_port(values.get("OPENGALLERY_PORT") or "8000")
    timezone = values.get("OPENGALLERY_TIMEZONE") or "Asia/Shanghai"
    zone = read_zone(timezone)
    start = values.get("OPENGALLERY_SANDBOX_START")
    return Environment(
        database_url=read_database_url(values.get("DATABASE_URL") or ""),
        data=Path(values.get("OPENGALLERY_DATA") or "data").expanduser().absolute(),
        sandbox=read_switch(values, "OPENGALLERY_SANDBOX"),
        sandbox_start=read_instant(start, zone) if start else None,
        demo=read_switch(values, "OPENGALLERY_DEMO"),
        debug=read_switch(values, "OPENGALLERY_DEBUG"),
        call_private=read_switch(values, "OPENGALLERY_CALL_PRIVATE"),
        host=host,
        port=port,
        base_url=read_base_url(values.get("OPENGALLERY_BASE_URL") or own_address(host, port)),
        timezone=timezone,
        brand=values.get("OPENGALLERY_BRAND") or "OpenGallery",
        mail_server=read_mail_server(values.get("OPENGALLERY_SMTP_URL") or ""),
        mail_from=values.get("OPENGALLERY_MAIL_FROM") or "OpenGallery <no-reply@localhost>",
        sms_url=read_sms_url(values.get("OPENGALLERY_SMS_URL") or ""),
        sms_token=values.get("OPENGALLERY_SMS_TOKEN") or "",
        given_secret_key=values.get("OPENGALLERY_SECRET_KEY") or "",
        given_signing_key=read_signing_key(values.get("OPENGALLERY_SIGNING_KEY") or ""),
    )


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """An ISO 8601 instant as UTC; without an offset it is the platform's wall clock."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise BadSetting(f'"{text}" is not an instant: write it as in 2020-01-01T09:00:00+08:00.') from None
    if not 2000 <= read.year < 2200:
        raise BadSetting(f'"{text}" is not an instant of the years 2000 to 2199.')
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


def read_zone(name: str) -> ZoneInfo:
    """The time zone of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSetting(f'OPENGALLERY_TIMEZONE is "{name}", which is no known time zone.') from None


def read_port(text: str) -> int:
    """A TCP port that can be given to a server."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise BadSetting(f'The port is "{text}", but must be a number from 1 to 65535.')
    return int(text)


def read_switch(values: Mapping[str, str], name: str) -> bool:
    """A setting that is on or off; off when absent."""
    text = values.get(name, "").strip().lower()
    if text not in TRUE | FALSE:
        raise BadSetting(f'{name} is "{text}", but must be 1 or 0.')
    return text in TRUE


def read_base_url(text: str) -> str:
    """The address people type, without a slash at the end."""
    parts = split(text, "OPENGALLERY_BASE_URL")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadSetting(f'OPENGALLERY_BASE_URL is "{text}", but must begin with http:// or https:// and a name.')
    return text.rstrip("/")


def read_database_url(text: str) -> str | None:
    """The address of a PostgreSQL database, or nothing: then the embedded one serves."""
    if text and split(text, "DATABASE_URL").scheme not in ("postgresql", "postgres"):
        raise BadSetting("DATABASE_URL must begin with postgresql:// and name a PostgreSQL database.")
    return text or None


def read_mail_server(text: str) -> MailServer | None:
    """`smtp+starttls://user:password@host:587`; the port follows from the scheme when absent."""
    if not text:
        return None
    parts = split(text, "OPENGALLERY_SMTP_URL")
    if parts.scheme not in MAIL_PORTS or not parts.hostname:
        raise BadSetting("OPENGALLERY_SMTP_URL must begin with smtp://, smtp+starttls:// or smtps:// and a host.")
    return MailServer(
        host=parts.hostname,
        port=parts.port or MAIL_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security=parts.scheme,
    )


def read_sms_url(text: str) -> str:
    """Where text messages are posted as JSON, or nothing: then they are only written to the log."""
    if text:
        parts = split(text, "OPENGALLERY_SMS_URL")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadSetting("OPENGALLERY_SMS_URL must begin with http:// or https:// and a host.")
    return text


def read_signing_key(text: str) -> str:
    """64 hexadecimal digits, or nothing."""
    if text and (len(text) != 64 or not set(text.lower()) <= set("0123456789abcdef")):
        raise BadSetting("OPENGALLERY_SIGNING_KEY must be 64 hexadecimal digits (32 bytes).")
    return text


def split(text: str, name: str) -> SplitResult:
    """The parts of an address; a port that is no port is refused here, not where it is first used."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise BadSetting(f"{name} is not an address that can be read.") from None
    return parts


def own_address(host: str, port: int) -> str:
    """Where a browser on this machine finds a server that listens on that host."""
    name = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


env = read_environment(os.environ)
