"""Connections of MLflow's client that only lead where the portal may go: for addresses that people typed into a page.

Each connection is looked at when it is made, those that a redirect asks for too: the name is resolved once, its numbers
are checked, and one of these is connected to. A name that means something else by then therefore helps nobody.
"""

from typing import Any

import mlflow.utils.request_utils as requests_of_mlflow
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from compliance.deliveries.addresses import AddressRefused, numbers_of, place_of

LISTED_IN = "IMPORT_ALLOWED_HOSTS"


class _Guarded(HTTPConnection):
    scheme = "http"

    def _new_conn(self) -> Any:
        named = self._dns_host
        try:
            place = place_of(f"{self.scheme}://{_bracketed(named)}:{self.port}/", listed_in=LISTED_IN)
            self._dns_host = numbers_of(place)[0]
            return super()._new_conn()
        except AddressRefused as no:
            raise NewConnectionError(self, str(no)) from no
        finally:
            self._dns_host = named


class _GuardedTls(_Guarded, HTTPSConnection):
    scheme = "https"


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def servers_guard() -> None:
    """From now on, every session that MLflow's client opens in this process is guarded; proxies are not used."""
    plain = requests_of_mlflow._cached_get_request_session

    def guarded(*args: Any, **kwargs: Any) -> Any:
        session = plain(*args, **kwargs)
        if not isinstance(session.get_adapter("https://"), _Adapter):
            session.trust_env = False
            for scheme in ("http://", "https://"):
                old = session.get_adapter(scheme)
                session.mount(scheme, _Adapter(pool_maxsize=16, max_retries=old.max_retries))
        return session

    requests_of_mlflow._cached_get_request_session = guarded


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
