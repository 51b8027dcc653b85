"""Call systems of others: public addresses only, a time limit, a size limit, no redirects, never inside a verb."""

import asyncio
import ipaddress
import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from opengallery.kit.env import env
from opengallery.kit.verbs import inside_a_verb

SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024
SCHEMES = ("https", "http")


@dataclass(frozen=True, slots=True)
class Call:
    """A POST of JSON to an address; `headers` beside our own."""

    url: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class CallFailed(Exception):  # noqa: N818 an outcome, which is recorded
    """The call has no answer that can be used; the message is one sentence for whoever runs the other system."""


def post_json(calls: Sequence[Call]) -> list[dict[str, Any] | CallFailed]:
    """Make the calls side by side; for each its answer, a JSON object with status 200, or why there is none.

    RuntimeError inside a verb: a call may take seconds, and a transaction that is undone cannot take it back.
    """
    if inside_a_verb():
        raise RuntimeError("a call to another system cannot be part of a transaction")
    return asyncio.run(_all(calls)) if calls else []


async def _all(calls: Sequence[Call]) -> list[dict[str, Any] | CallFailed]:
    # No settings of the machine's (proxies, netrc): the address that was checked is the one that is called.
    async with httpx.AsyncClient(timeout=SECONDS, trust_env=False, follow_redirects=False) as client:
        return list(await asyncio.gather(*(_one(client, call) for call in calls)))


async def _one(client: httpx.AsyncClient, call: Call) -> dict[str, Any] | CallFailed:
    try:
        async with asyncio.timeout(SECONDS):
            return await _ask(client, call)
    except CallFailed as failure:
        return failure
    except TimeoutError:
        return CallFailed(f"There was no whole answer within {SECONDS:.0f} seconds.")
    except Exception as error:  # whatever a strange address or answer leads to: the other calls go on
        return CallFailed(f"The connection failed: {_sentence(error)}.")


async def _ask(client: httpx.AsyncClient, call: Call) -> dict[str, Any]:
    url = httpx.URL(call.url)
    address = await _checked_address(url)
    headers = {
        "Host": url.netloc.decode("ascii"), "Accept": "application/json", "Accept-Encoding": "identity",
        "User-Agent": "OpenGallery", "Content-Type": "application/json", **call.headers,
    }  # fmt: skip
    async with client.stream(
        "POST", url.copy_with(host=address), content=json.dumps(call.body), headers=headers,
        extensions={"sni_hostname": url.host},
    ) as answer:  # fmt: skip
        if answer.status_code != 200:
            raise CallFailed(f"The answer was status {answer.status_code}, not 200.")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise CallFailed("The answer was compressed, which was not asked for.")
        said = b""
        async for chunk in answer.aiter_raw():
            said += chunk
            if len(said) > LARGEST_ANSWER:
                raise CallFailed(f"The answer was larger than {LARGEST_ANSWER // 1024} KiB.")
    return _read(said)


async def _checked_address(url: httpx.URL) -> str:
    """The address behind the name, resolved once: what is checked is what is called."""
    if url.scheme not in SCHEMES or not url.host or url.userinfo:
        raise CallFailed("The address does not begin with https:// and a name.")
    private = env.sandbox and env.call_private
    if url.scheme != "https" and not private:
        raise CallFailed("Only addresses that begin with https:// are called.")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CallFailed(f"The name {url.host[:100]} has no address.") from error
    addresses = [str(row[4][0]) for row in found]
    if not private and not all(_is_public(address) for address in addresses):
        raise CallFailed("The address is a private one, which is not called.")
    return addresses[0]


def _is_public(address: str) -> bool:
    read = ipaddress.ip_address(address.partition("%")[0])
    return read.is_global and not read.is_multicast


def _read(said: bytes) -> dict[str, Any]:
    try:
        read = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise CallFailed("The answer was not JSON.") from error
    if not isinstance(read, dict):
        raise CallFailed("The answer was not a JSON object.")
    return read


def _sentence(error: Exception) -> str:
    """An error's own words, short and on one line."""
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
