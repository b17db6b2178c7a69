"""The one door through which webhooks leave: one POST, to a number that was looked at, within ten seconds.

The name is resolved once, every number behind it is checked, and the connection goes to one of those numbers while
TLS still checks the name: nothing is resolved a second time that could have changed. Redirects are answers like any
other, proxies of the environment are not used, and nothing of an answer's body is read.
"""

import http.client
import socket
import ssl
import threading

from compliance.deliveries.addresses import (
    AddressRefused,
    Place,
    Resolve,
    number_check,
    numbers_of,
    place_of,
)
from compliance.deliveries.parcels import Answer, Parcel

CONNECT_SECONDS, WHOLE_SECONDS = 5.0, 10.0


def post(parcel: Parcel, *, resolve: Resolve | None = None, seconds: float = WHOLE_SECONDS) -> Answer:
    """Post once. Never raises: what went wrong is the answer. It takes at most about `seconds`."""
    try:
        place = place_of(parcel.url)
        return _exchange(place, numbers_of(place, resolve), parcel, seconds)
    except AddressRefused as no:
        return Answer(None, f"Not sent: {no}")


def _exchange(place: Place, numbers: list[str], parcel: Parcel, seconds: float) -> Answer:
    connection = _Connection(place, numbers)
    # A receiver that sends a byte now and then would outlast every timeout of the socket.
    watch = threading.Timer(seconds, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", place.target, parcel.body, {**parcel.headers, "Host": place.authority})
        status = connection.getresponse().status
        return Answer(
            status, f"HTTP {status}, and redirects are not followed." if 300 <= status < 400 else ""
        )
    except AddressRefused as no:
        return Answer(None, f"Not sent: {no}")
    except (OSError, http.client.HTTPException) as error:
        return Answer(None, _reason(error, connection.is_cut, seconds))
    finally:
        watch.cancel()
        connection.close()


def _reason(error: Exception, is_cut: bool, seconds: float) -> str:
    if is_cut or isinstance(error, TimeoutError):
        return f"No answer within {seconds:.0f} seconds."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate was not accepted: {error.verify_message}."
    if isinstance(error, ConnectionRefusedError):
        return "The connection was refused."
    return f"The connection failed: {type(error).__name__}."


class _Connection(http.client.HTTPConnection):
    """A connection to one of the numbers that were checked, with the peer checked once more."""

    def __init__(self, place: Place, numbers: list[str]) -> None:
        super().__init__(place.host, place.port, timeout=CONNECT_SECONDS)
        self._place, self._numbers = place, numbers
        self.is_cut = False

    def connect(self) -> None:
        plain = self._plain_socket()
        try:
            number_check(self._place, str(plain.getpeername()[0]))
            plain.settimeout(WHOLE_SECONDS)
            self.sock = plain
            if self._place.scheme == "https":
                context = ssl.create_default_context()
                self.sock = context.wrap_socket(plain, server_hostname=self._place.host)
        except BaseException:
            plain.close()
            raise

    def cut(self) -> None:
        """End the exchange from another thread."""
        self.is_cut = True
        taken = self.sock
        if taken is not None:
            try:
                taken.shutdown(socket.SHUT_RDWR)
            except OSError:
                taken.close()

    def _plain_socket(self) -> socket.socket:
        """The first number that takes a connection."""
        problem: OSError = ConnectionRefusedError()
        for number in self._numbers[:4]:
            if self.is_cut:
                break
            try:
                return socket.create_connection((number, self._place.port), timeout=CONNECT_SECONDS)
            except OSError as error:
                problem = error
        raise problem
