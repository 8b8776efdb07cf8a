"""Digest of knowledge, fingerprint of a collection (docs/PROTOCOL.md, section 9)."""

import hashlib

from .codec import encode_body
from .primitives import lengthed, text, varint


def digest(knowledge, stamps):
    """`stamps`: from origin to its list of (counter, token)."""
    hasher = hashlib.sha256()
    for replica, counter in sorted(knowledge.items()):
        newest, token = newest_stamp(stamps, replica) or (0, None)
        hasher.update(replica + varint(counter) + (token if newest >= counter else bytes(16)))
    return hasher.digest()


def newest_stamp(stamps, origin):
    return (stamps.get(origin) or [None])[-1]


def fingerprint(collection, records):
    """`records`: from ID to Record."""
    total = sum(
        int.from_bytes(hashlib.sha256(
            text(collection) + lengthed(id.encode()) + encode_body(record)).digest(), "big")
        for id, record in records.items())
    return (total % 2**256).to_bytes(32, "big")
