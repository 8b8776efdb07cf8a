"""Records and their one encoding (docs/PROTOCOL.md, section 7).

Here a record is what it means, not how it is laid out: fields from path to siblings, siblings from
dot to content. Tables and indexes exist in the bytes alone. A dot is (replica ID, counter).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from . import values
from .names import is_identity, require_path
from .primitives import (
    Malformed, Reader, fixed64, lengthed, listed, require, require_rising, text, varint, vector)

RECORD_MAX = 16 * 1024 * 1024
WRITE_PATHS_MAX = 1_024
WRITE_BYTES_MAX = 270_336
NOTE_MAX = 128

#: Content of a sibling whose write is withheld.
WITHHELD = "withheld"


class Write(NamedTuple):
    author: str
    time: int
    note: str = ""


@dataclass
class Record:
    """`writes` has None for a write that is withheld."""

    fields: dict = field(default_factory=dict)
    writes: dict = field(default_factory=dict)
    clock: dict = field(default_factory=dict)
    erased: dict = field(default_factory=dict)

    def dots(self):
        return sorted({dot for siblings in self.fields.values() for dot in siblings})

    def prune(self):
        """Drops paths without siblings and writes without use."""
        self.fields = {path: siblings for path, siblings in self.fields.items() if siblings}
        self.writes = {dot: self.writes[dot] for dot in self.dots()}


def covers(vector_, dot):
    return vector_.get(dot[0], 0) >= dot[1]


def encode_body(record):
    dots = record.dots()
    replicas = sorted({replica for replica, _ in dots})
    authors = sorted({w.author.encode() for w in record.writes.values() if w is not None})
    return b"".join([
        listed(replicas),
        listed(lengthed(author) for author in authors),
        listed(_write(dot, record.writes[dot], replicas, authors) for dot in dots),
        listed(
            lengthed(path) + listed(
                varint(dots.index(dot)) + (b"" if content == WITHHELD else values.encode(content))
                for dot, content in sorted(siblings.items()))
            for path, siblings in sorted((p.encode(), s) for p, s in record.fields.items())),
    ])


def _write(dot, write, replicas, authors):
    start = varint(replicas.index(dot[0])) + varint(dot[1])
    if write is None:
        return start + varint(0)
    author = authors.index(write.author.encode()) + 1
    return start + varint(author) + fixed64(write.time) + text(write.note)


def encode(record):
    replicas = sorted({replica for replica, _ in record.dots()})
    others = {r: counter for r, counter in record.clock.items() if r not in replicas}
    return b"".join([
        encode_body(record),
        *[varint(record.clock[replica]) for replica in replicas],
        vector(others),
        vector(record.erased),
    ])


def decode(data):
    require(len(data) <= RECORD_MAX, "record over 16 MiB")
    reader = Reader(data)
    replicas = reader.list(reader.id16, least=16)
    require_rising(replicas, "replicas")
    authors = reader.list(lambda: _author(reader))
    require_rising([author.encode() for author in authors], "authors")
    writes = reader.list(lambda: _read_write(reader, replicas, authors), least=3)
    dots = [dot for dot, _ in writes]
    require_rising(dots, "writes")
    fields = reader.list(lambda: _read_field(reader, writes), least=4)
    require_rising([path.encode() for path, _ in fields], "fields")

    clock = {replica: reader.counter() for replica in replicas}
    others = reader.vector()
    require(not others.keys() & clock.keys(), "a replica's clock in both places")
    clock.update(others)
    erased = reader.vector()
    reader.end()

    record = Record(dict(fields), dict(writes), clock, erased)
    _check(record, replicas, authors)
    if encode(record) != bytes(data):  # whatever the checks above forgot
        raise Malformed("not the one encoding of this record")
    return record


def _author(reader):
    author = reader.text()
    require(is_identity(author), f"author {author!r} is no identity")
    return author


def _read_write(reader, replicas, authors):
    replica = reader.varint()
    require(replica < len(replicas), "replica index out of range")
    dot = (replicas[replica], reader.counter())
    author = reader.varint()
    require(author <= len(authors), "author index out of range")
    if author == 0:
        return dot, None
    return dot, Write(authors[author - 1], reader.fixed64(), reader.text(NOTE_MAX))


def _read_field(reader, writes):
    path = reader.text(1024)
    require_path(path)
    siblings = reader.list(lambda: _read_sibling(reader, writes))
    require_rising([dot for dot, _ in siblings], "siblings")
    require(any(content != WITHHELD for _, content in siblings), "no sibling that is not withheld")
    return path, dict(siblings)


def _read_sibling(reader, writes):
    index = reader.varint()
    require(index < len(writes), "write index out of range")
    dot, write = writes[index]
    return dot, WITHHELD if write is None else values.read(reader)


def _check(record, replicas, authors):
    used = set(record.dots())
    require(used == record.writes.keys(), "a write without a sibling")
    require({replica for replica, _ in used} == set(replicas), "a replica without a write")
    named = {write.author for write in record.writes.values() if write is not None}
    require(named == set(authors), "an author without a write")
    require(all(covers(record.clock, dot) for dot in used), "a dot that the clock does not cover")
    require(not any(covers(record.erased, dot) for dot in used), "an erased sibling")
    require(all(covers(record.clock, dot) for dot in record.erased.items()), "erased not seen")
    paths, size = {}, {}
    for siblings in record.fields.values():
        for dot, content in siblings.items():
            paths[dot] = paths.get(dot, 0) + 1
            if content != WITHHELD:
                size[dot] = size.get(dot, 0) + len(values.encode(content))
    require(all(n <= WRITE_PATHS_MAX for n in paths.values()), "a write of too many paths")
    require(all(n <= WRITE_BYTES_MAX for n in size.values()), "a write of too many bytes")
