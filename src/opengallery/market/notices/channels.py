"""The ways out of the house: the mail server, and a gateway for text messages; each hands over one copy."""

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from django.core.mail import send_mail

from opengallery.kit.env import env
from opengallery.market.notices.models import Notice, Phone

TIMEOUT = 10
FOOT = """

{brand}: {base}/my/messages/
What you want to hear: {base}/my/messages/choices/"""
log = structlog.get_logger()


class Gateway(Protocol):
    """Whoever takes text messages for us."""

    def send(self, number: str, text: str, *, key: str) -> None:
        """Hand over a text; the same `key` means the same text once more. OSError or ValueError: not taken."""


class LogGateway:
    """Nobody takes them: they are written to the log, without the number's end."""

    def send(self, number: str, text: str, *, key: str) -> None:
        """Write it down."""
        log.info("text message", to=f"{number[:-4]}****", text=text, key=key)


class HttpGateway:
    """A program at an address of the operator's: it gets "to" and "text" as JSON and answers 2xx when it took them."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url, self.token = urlsplit(url), token

    def send(self, number: str, text: str, *, key: str) -> None:
        """One call with a time limit; another answer than 2xx is an OSError, and tried again."""
        secure = self.url.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(self.url.hostname or "", self.url.port, timeout=TIMEOUT)
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        path = (self.url.path or "/") + (f"?{self.url.query}" if self.url.query else "")
        try:
            connection.request("POST", path, json.dumps({"to": number, "text": text}), headers)
            status = connection.getresponse().status
        except http.client.HTTPException as error:
            raise OSError(f"the gateway's answer could not be read: {error}") from error
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise OSError(f"the gateway answered {status}")


def gateway() -> Gateway:
    """The gateway of this installation; without an address of one, the log."""
    return HttpGateway(env.sms_url, env.sms_token) if env.sms_url else LogGateway()


def mail(row: Notice, address: str) -> None:
    """Hand an e-mail to the mail server, or to the folder that stands in for it."""
    foot = FOOT.format(brand=env.brand, base=env.base_url)
    send_mail(row.subject, row.text + foot, None, [address])


def text(row: Notice, address: str) -> None:
    """Hand a text message to the gateway: who says it, and the subject; the rest is in the site."""
    gateway().send(address, f"{env.brand}: {row.subject}"[:160], key=f"notice-{row.pk}")


def mail_address(row: Notice) -> str:
    """The person's e-mail address."""
    return row.user.email


def phone_number(row: Notice) -> str:
    """The person's telephone number; "" if it is gone."""
    return Phone.objects.filter(user=row.user_id).values_list("number", flat=True).first() or ""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a copy goes, and how it is handed over."""

    address: Callable[[Notice], str]
    hand_over: Callable[[Notice, str], None]


CHANNELS = {"mail": Channel(mail_address, mail), "sms": Channel(phone_number, text)}
