"""Digest of knowledge, fingerprint of a collection (docs/PROTOCOL.md, section 9)."""

import hashlib

from .codec import encode_body
from .primitives import lengthed, text, varint


def digest(knowledge, stamps, closed=(), strays=None):
    """`stamps`: from origin to its list of (counter, token); `closed`: origins; `strays`: sums by origin."""
    hasher, strays = hashlib.sha256(), strays or {}
    for replica in sorted((knowledge.keys() | strays.keys()) - set(closed)):
        counter = knowledge.get(replica, 0)
        newest, token = newest_stamp(stamps, replica) or (0, None)
        hasher.update(replica + varint(counter) + (token if newest >= counter else bytes(16)))
        hasher.update(strays.get(replica, b""))
    if closed:
        hasher.update(closed_sum(stamps, closed))
    return hasher.digest()


def closed_sum(stamps, closed):
    """Of the origins under which nothing more can come."""
    ends = ((origin, *newest_stamp(stamps, origin)) for origin in closed)
    return _sum(origin + varint(counter) + token for origin, counter, token in ends)


def strays_sum(origin, known, records):
    """Of what records have of an origin that ended beyond what is known of it."""
    return _sum(
        origin + varint(record.clock[origin]) + lengthed(id.encode())
        for id, record in records.items() if record.clock.get(origin, 0) > known)


def _sum(parts):
    total = sum(int.from_bytes(hashlib.sha256(part).digest(), "big") for part in parts)
    return (total % 2**256).to_bytes(32, "big")


def newest_stamp(stamps, origin):
    return (stamps.get(origin) or [None])[-1]


def fingerprint(collection, records):
    """`records`: from ID to Record."""
    return _sum(text(collection) + lengthed(id.encode()) + encode_body(record)
                for id, record in records.items())
