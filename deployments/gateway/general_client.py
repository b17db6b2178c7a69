"""A client for processes elsewhere, which may be behind TLS: aiohttp's, with the errors of `kept_connections`."""

import aiohttp

from deployments.gateway.heard import (
    ANSWER_BYTES,
    CONNECT_SECONDS,
    AnswerTooLarge,
    Broken,
    Heard,
    Unreachable,
)
from deployments.gateway.kept_connections import KEEP_SECONDS

_AUTOMATIC = ("User-Agent", "Accept", "Accept-Encoding")


class GeneralClient:
    """Connections that are kept to any number of addresses."""

    _session: aiohttp.ClientSession

    def start(self) -> None:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS, use_dns_cache=True)
        self._session = aiohttp.ClientSession(
            connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_AUTOMATIC,
        )  # fmt: skip

    async def stop(self) -> None:
        await self._session.close()

    async def ask(
        self, method: str, address: str, path: str, headers: dict[str, str], body: bytes, seconds: float
    ) -> Heard:
        """Raises Unreachable, Broken, AnswerTooLarge and TimeoutError."""
        limits = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        try:
            async with self._session.request(
                method,
                address + path,
                data=body or None,
                headers=headers,
                timeout=limits,
                allow_redirects=False,
            ) as found:
                if (found.content_length or 0) > ANSWER_BYTES:
                    raise AnswerTooLarge
                known = {
                    name.lower().encode(): value.encode("latin-1") for name, value in found.headers.items()
                }
                return Heard(found.status, known, await found.read())
        except aiohttp.ConnectionTimeoutError as error:
            raise Broken("no connection in time") from error
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(str(error)) from error
        except aiohttp.ClientError as error:
            raise Broken(str(error)) from error
