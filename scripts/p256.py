"""A key on the curve P-256 as PEM, with the standard library alone: the machine that runs this has no more."""

import base64
import secrets

PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
GENERATOR = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
CURVE = bytes.fromhex("06082a8648ce3d030107")
SUBJECT = bytes.fromhex("3059301306072a8648ce3d0201") + CURVE + bytes.fromhex("03420004")
Point = tuple[int, int]


def pair() -> tuple[str, str]:
    """`(private, public)`, the first in the form of SEC 1, the second as SubjectPublicKeyInfo."""
    secret = secrets.randbelow(ORDER - 1) + 1
    body = bytes.fromhex("0201010420") + secret.to_bytes(32, "big") + b"\xa0\x0a" + CURVE
    x, y = times(secret, GENERATOR)
    public = SUBJECT + x.to_bytes(32, "big") + y.to_bytes(32, "big")
    return pem("EC PRIVATE KEY", b"\x30" + bytes([len(body)]) + body), pem("PUBLIC KEY", public)


def times(factor: int, point: Point) -> Point:
    """A point added to itself, by doubling."""
    total: Point | None = None
    while factor:
        if factor & 1:
            total = point if total is None else plus(total, point)
        factor >>= 1
        if factor:
            point = plus(point, point)
    if total is None:
        raise ValueError("no multiple of zero")
    return total


def plus(a: Point, b: Point) -> Point:
    """The sum of two points that are not opposite each other."""
    rise, run = (3 * a[0] * a[0] - 3, 2 * a[1]) if a == b else (b[1] - a[1], b[0] - a[0])
    slope = rise * pow(run, -1, PRIME)
    x = (slope * slope - a[0] - b[0]) % PRIME
    return x, (slope * (a[0] - x) - a[1]) % PRIME


def pem(label: str, der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----"
