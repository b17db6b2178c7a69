"""Where a webhook may lead: public addresses by https, and what the operator's settings list.

The address of a webhook is a wish of a person, so it is looked at twice: its form when it is kept, and the numbers
that its name stands for when the connection is made, since names are free to mean something else by then.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_LONGEST = 2000
# Names that no public server has (RFC 6761, RFC 6762, ICANN's .internal); others are told by their numbers.
_INSIDE = (".localhost", ".local", ".internal", ".home.arpa", ".lan")


class AddressRefused(Exception):
    """The portal does not send there; the sentence says why and is fit to be shown."""


@dataclass(frozen=True)
class Place:
    """An address in its parts. `is_listed`: the settings allow plain http and private numbers for this host."""

    scheme: str
    host: str
    port: int
    target: str
    is_listed: bool
    listed_in: str = "WEBHOOK_ALLOWED_HOSTS"

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


def place_of(url: str, *, listed_in: str = "WEBHOOK_ALLOWED_HOSTS") -> Place:
    """The parts of an address whose form allows it. Raises AddressRefused.

    `listed_in` is the setting that lists hosts of the operator's own network.
    """
    parts, port = _split(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("https", "http") or not host:
        raise AddressRefused("The address must begin with https:// and name a host.")
    if "@" in parts.netloc:
        raise AddressRefused("The address must not hold a user name or password. Use a secret.")
    port = port or (443 if parts.scheme == "https" else 80)
    is_listed = is_host_listed(host, port, listed_in)
    if parts.scheme == "http" and not is_listed:
        raise AddressRefused(
            f"{host} is not spoken to without TLS. Use https://, or have an operator list the host in {listed_in}."
        )
    query = f"?{parts.query}" if parts.query else ""
    place = Place(parts.scheme, host, port, (parts.path or "/") + query, is_listed, listed_in)
    number = _as_number(host)
    if number is not None:
        number_check(place, number)
    elif not is_listed and ("." not in host or host.lower().endswith(_INSIDE)):
        raise AddressRefused(
            f"{host} is a name inside somebody's own network. An operator can list it in {listed_in}."
        )
    return place


def _split(url: str) -> tuple[SplitResult, int | None]:
    if len(url) > _LONGEST or not url.isascii() or any(letter <= " " or letter == "\x7f" for letter in url):
        raise AddressRefused(
            f"The address must be at most {_LONGEST} ASCII characters without spaces; encode others."
        )
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise AddressRefused(f"The address cannot be read: {error}.") from error


def is_host_listed(host: str, port: int, listed_in: str) -> bool:
    """Whether the settings list this host, with or without this port."""
    listed = {each.lower() for each in getattr(settings, listed_in)}
    return bool(listed & {host.lower(), f"{host.lower()}:{port}"})


def numbers_of(place: Place, resolve: Resolve | None = None) -> list[str]:
    """The numbers to connect to. Raises AddressRefused if even one of them is not public."""
    found = list(dict.fromkeys((resolve or _resolved)(place.host, place.port)))
    if not found:
        raise AddressRefused(f"The name {place.host} stands for no address.")
    for each in found:
        number_check(place, each)
    return found


def number_check(place: Place, number: str) -> None:
    """Raise AddressRefused for a number inside somebody's own network, unless the settings list the host."""
    if not place.is_listed and not is_public(number):
        raise AddressRefused(
            f"{place.host} leads to an address that is not public. An operator can list the host in {place.listed_in}."
        )


def is_public(number: str) -> bool:
    """Whether a number is one of the open internet, also once what it wraps is unwrapped."""
    try:
        address = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    return all(_is_open(each) for each in (address, *_wrapped(address)))


def _is_open(address: IPAddress) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _wrapped(address: IPAddress) -> list[IPAddress]:
    """IPv4 inside of IPv6: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inner: list[IPAddress | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _NAT64):
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in inner if each is not None]


def _as_number(host: str) -> str | None:
    """The number that a host is, also in the spellings that `inet_aton` takes (2130706433, 0x7f.1)."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"The name {host} cannot be resolved.") from error
    return [str(each[4][0]) for each in found]
