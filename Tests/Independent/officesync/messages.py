"""Frames and messages (docs/PROTOCOL.md, sections 3, 10 and 16).

`MESSAGES` is section 10 as a table: each message is a named tuple whose fields are read and written
by the type beside it.
"""

from collections import namedtuple
from typing import NamedTuple

from . import primitives
from .names import is_identity, require_collection, require_record_id
from .primitives import (
    Malformed, Reader, lengthed, listed, require, require_rising, varint)

FRAME_MAX = 1_048_576
HELLO_FRAME_MAX = 4_096
SKIPPED_FROM = 0x80
EXTENSIONS_MAX = 64
FAILURES = {
    1: "protocolViolation", 2: "versionUnsupported", 3: "notAllowed", 4: "replicaOwnedByAnother",
    5: "clockAhead", 6: "forked", 8: "overLimit", 9: "storage", 10: "shuttingDown",
    11: "idle", 12: "damaged", 13: "knowledgeDiffers", 14: "notTrusted", 15: "busy"}
REASONS = {1: "forked", 2: "renewed", 3: "changed", 4: "retired"}
STAMPS_PER_RUN_MAX = 16_384
PART_REMAINING_MAX = 16_781_312
FORMER_REPLICAS_MAX = 128
COMPRESSED = 0x18  # a frame that is no message (section 3)
COMPRESSION_TAG, ZSTD = 0, 1
SUMS_TAG = LEFT_OUT_TAG = 0


class Type(NamedTuple):
    read: object  # (Reader) -> value
    write: object  # (value) -> bytes


class Condition(NamedTuple):
    """`uncovered`: the store holds writes that its knowledge does not cover."""

    fingerprint: bytes
    uncovered: bool


class Entry(NamedTuple):
    clock_index: int
    id: bytes
    record: bytes


def number(low=0, high=primitives.VARINT_MAX):
    return Type(lambda r: r.varint(low, high), varint)


def text(limit=None):
    return Type(lambda r: r.text(limit), primitives.text)


def _read_owner(reader):
    owner = reader.text()
    require(is_identity(owner) and owner.startswith("office/"), "owner")
    return owner


def _read_replica(reader):
    replica = reader.id16()
    require(any(replica), "replica")
    return replica


def flags(known):
    return Type(lambda r: r.flags(known), lambda bits: bytes([bits]))


def _read_collection(reader):
    name = reader.text()
    require_collection(name)
    return name


def _read_access(reader):
    name, access = _read_collection(reader), reader.flags(7)
    require(access & 1 or not access & 4, "a collection that is held and not to be read")
    return name, access


def list_of(read, write, check=None):
    def read_list(reader):
        items = reader.list(lambda: read(reader))
        if check:
            check(items)
        return items
    return Type(read_list, lambda items: listed(write(item) for item in items))


def require_rising_names(names):
    require_rising([name.encode() for name in names], "collections")


def _read_changed(reader):
    names = NAMES.read(reader)
    require(bool(names), "collections")
    return names


def sorted_by_first(items):
    require_rising([item[0] for item in items], "list")


def sorted_names(items):
    require(len(items) <= 4_096, "too many collections")
    require_rising([name.encode() for name, _ in items], "collections")


def _read_stamp(reader):
    return reader.counter(), reader.id16()


def _write_stamp(stamp):
    return varint(stamp[0]) + stamp[1]


def _read_stamp_or_none(reader):
    counter = reader.varint(0, primitives.COUNTER_MAX)
    return (counter, reader.id16()) if counter else None


def _write_stamp_or_none(stamp):
    return _write_stamp(stamp) if stamp else b"\0"


def _read_known(reader):
    origin, counter = reader.id16(), reader.varint(0, primitives.COUNTER_MAX)
    stamp = _read_stamp_or_none(reader)
    require(counter or stamp, "an origin of which nothing is known")
    return origin, counter, stamp, _read_hash_or_none(reader)


def _write_known(known):
    origin, counter, stamp, strays = known
    return origin + varint(counter) + _write_stamp_or_none(stamp) + _write_hash_or_none(strays)


def _read_hash_or_none(reader):
    return reader.hash32() if reader.flags(1) else None


def _write_hash_or_none(hash32):
    return b"\1" + hash32 if hash32 else b"\0"


def _read_ending(reader):
    return reader.id16(), _read_stamp_or_none(reader), reader.flags(1)


def _write_ending(ending):
    origin, stamp, retired = ending
    return origin + _write_stamp_or_none(stamp) + bytes([retired])


def _check_closed(closed):
    require(all(stamp for _, stamp, _ in closed), "a closed origin without a stamp")
    require(len({origin for origin, _, _ in closed}) == len(closed), "an origin closed twice")


def _read_run(reader):
    origin, after = reader.id16(), _read_stamp_or_none(reader)
    stamps = reader.list(lambda: _read_stamp(reader), least=17)
    require(1 <= len(stamps) <= STAMPS_PER_RUN_MAX, "too few or too many stamps in a run")
    require_rising([counter for counter, _ in ([after] if after else []) + stamps], "stamps")
    return origin, after, stamps


def _write_run(run):
    origin, after, stamps = run
    return origin + _write_stamp_or_none(after) + listed(map(_write_stamp, stamps))


def _read_stamp_list(reader):
    origin, stamps = reader.id16(), reader.list(lambda: _read_stamp(reader), least=17)
    require(len(stamps) <= STAMPS_PER_RUN_MAX, "too many stamps in a list")
    require_rising([counter for counter, _ in stamps], "stamps")
    return origin, stamps


def _check_former(items):
    require(len(items) <= FORMER_REPLICAS_MAX, "too many former replicas")
    require_rising(items, "former replicas")


def _ending_order(ending):
    origin, stamp, retired = ending
    return origin, stamp or (0, b""), retired


def _read_progress(reader):
    return (reader.id16(), reader.vector()) if reader.flags(1) else None


def _write_progress(progress):
    return b"\1" + progress[0] + primitives.vector(progress[1]) if progress else b"\0"


def read_entry(reader):
    entry = Entry(reader.varint(), reader.bytes(), reader.bytes())
    require_record_id(primitives.utf8(entry.id))
    return entry


def write_entry(entry):
    return varint(entry.clock_index) + lengthed(entry.id) + lengthed(entry.record)


def _rest(reader):
    piece = reader.bytes()
    require(piece, "empty piece")
    return piece


COUNT = number()
CHANNEL = Type(Reader.channel, varint)
ID16 = Type(Reader.id16, bytes)
HASH = Type(Reader.hash32, bytes)
VECTOR = Type(Reader.vector, primitives.vector)
DIRECTIONS = Type(
    lambda r: r.flags(3) or _raise("no direction"), lambda bits: bytes([bits]))
CONDITION = Type(
    lambda r: Condition(r.hash32(), r.flags(1) == 1),
    lambda c: c.fingerprint + bytes([c.uncovered]))
COLLECTION = Type(_read_collection, primitives.text)
COLLECTIONS = list_of(_read_access,
                      lambda c: primitives.text(c[0]) + bytes([c[1]]), sorted_names)
KNOWN = list_of(_read_known, _write_known, sorted_by_first)
ENDED = list_of(
    _read_ending, _write_ending,
    lambda items: require_rising([_ending_order(item) for item in items], "endings"))
CLOSED = list_of(_read_ending, _write_ending, _check_closed)
CLOSED_SUM = Type(_read_hash_or_none, _write_hash_or_none)
LISTS = list_of(_read_stamp_list, lambda item: item[0] + listed(map(_write_stamp, item[1])),
                sorted_by_first)
FORMER = list_of(Reader.id16, bytes, _check_former)
PROGRESS = Type(_read_progress, _write_progress)
RUNS = list_of(_read_run, _write_run, sorted_by_first)
ENTRIES = list_of(read_entry, write_entry)
REFUSALS = list_of(lambda r: (r.bytes(), r.varint(1, 3)), lambda x: lengthed(x[0]) + varint(x[1]),
                   lambda items: require(len(items) <= 1_000, "too many refusals"))
RANGES = list_of(
    lambda r: (_id_or_none(r), _id_or_none(r), r.varint(1)),
    lambda x: lengthed(x[0]) + lengthed(x[1]) + varint(x[2]), lambda items: _check_ranges(items))
SUMS = list_of(
    lambda r: _read_sum(r), lambda x: varint(x[0]) + (lengthed(x[1]) + bytes([x[2]]) + x[3]
                                                      if x[0] else b""),
    lambda items: require(len(items) <= 1_024, "too many sums"))
IDS = list_of(lambda r: _id(r), lengthed, lambda ids: _check_ids(ids))


def _id(reader):
    id = reader.bytes()
    require_record_id(primitives.utf8(id))
    return id


def _id_or_none(reader):
    id = reader.bytes()
    if id:
        require_record_id(primitives.utf8(id))
    return id


def _read_sum(reader):
    records = reader.varint()
    return (records, _id(reader), reader.flags(1), reader.hash32()) if records else (0,)


def _check_ranges(ranges):
    require(1 <= len(ranges) <= 1_024, "too few or too many ranges")
    end = b""
    for number, (after, through, _) in enumerate(ranges):
        require(number == 0 or end and after >= end, "ranges out of order")
        require(not through or through > after, "a range that ends before it begins")
        end = through


def _check_ids(ids):
    require(1 <= len(ids) <= 1_024, "too few or too many IDs")
    require_rising(ids, "IDs")


def _raise(what):
    raise Malformed(what)


MESSAGES = {}


def message(type_, name, **fields):
    shape = namedtuple(name, fields)
    shape.type, shape.fields = type_, fields
    MESSAGES[type_] = shape
    return shape


def _read_compressions(reader):
    """The extension of Hello and Welcome; this client knows of zstd and speaks it not."""
    codes = _read_extensions(reader).get(COMPRESSION_TAG)
    if codes is None:
        return []
    require(codes, "compression without one")
    require_rising(list(codes), "compressions")
    return list(codes)


def _read_choice(reader):
    codes = _read_compressions(reader)
    require(len(codes) <= 1 and all(code == ZSTD for code in codes), "compression")
    return "zstd" if codes else None


def _compressions(codes):
    return varint(COMPRESSION_TAG) + lengthed(bytes(codes)) if codes else b""


Hello = message(
    0x01, "Hello", version_min=number(1), version_max=number(1), software=text(64), replica=ID16,
    replica_name=text(128), wall_milliseconds=COUNT, former_replicas=FORMER,
    compressions=Type(_read_compressions, _compressions))
Welcome = message(
    0x02, "Welcome", version=number(1), software=text(64), replica=ID16, replica_name=text(128),
    wall_milliseconds=COUNT, frame_bytes_max=number(4_096, 2**32 - 1), is_recovering=flags(1),
    collections=COLLECTIONS,
    compression=Type(_read_choice, lambda choice: _compressions([ZSTD] if choice else [])))
def _read_sums(reader):
    """The extension of Open; this client has too few origins to name their sums."""
    sums = _read_extensions(reader).get(SUMS_TAG)
    require(sums is None or len(sums) == 256, "sums of origins")
    return sums


def _read_left_out(reader):
    groups = _read_extensions(reader).get(LEFT_OUT_TAG)
    require(groups is None or (len(groups) == 2 and any(groups)), "groups of origins")
    return int.from_bytes(groups or b"", "big")


Open = message(
    0x03, "Open", channel=CHANNEL, collection=COLLECTION, directions=DIRECTIONS, digest=HASH,
    closed=CLOSED_SUM, condition=CONDITION,
    sums=Type(_read_sums, lambda sums: varint(SUMS_TAG) + lengthed(sums) if sums else b""))
Open.__new__.__defaults__ = (None,)
Same = message(0x04, "Same", channel=CHANNEL, condition=CONDITION)
State = message(
    0x05, "State", channel=CHANNEL, directions=DIRECTIONS, knowledge=KNOWN,
    leaves_out_closed=flags(1), closed=CLOSED, ended=ENDED, condition=CONDITION, progress=PROGRESS,
    left_out=Type(
        _read_left_out,
        lambda groups: varint(LEFT_OUT_TAG) + lengthed(groups.to_bytes(2, "big")) if groups else b""))
State.__new__.__defaults__ = (0,)
Stamps = message(0x06, "Stamps", channel=CHANNEL, runs=RUNS)
Begin = message(
    0x07, "Begin", channel=CHANNEL, token=ID16, resumed=flags(1), records_estimate=COUNT)
Records = message(0x08, "Records", channel=CHANNEL, entries=ENTRIES)
Part = message(
    0x09, "Part", channel=CHANNEL, remaining=number(0, PART_REMAINING_MAX),
    piece=Type(_rest, lengthed))
Done = message(
    0x0A, "Done", channel=CHANNEL, knowledge=VECTOR, digest=HASH, condition=CONDITION,
    records_sent=COUNT)
Result = message(
    0x0B, "Result", channel=CHANNEL, applied=COUNT, deferred=COUNT, new_conflicts=COUNT,
    refused=COUNT, refusals=REFUSALS, digest=HASH, condition=CONDITION)
Refused = message(0x0C, "Refused", channel=CHANNEL, code=COUNT, message=text(1_024))
Fail = message(0x0D, "Fail", code=COUNT, message=text(1_024))
Fork = message(0x0E, "Fork", channel=CHANNEL, continues=flags(1), lists=LISTS)
Again = message(0x0F, "Again", channel=CHANNEL, reason=number(1, 4), endings=ENDED)

Compare = message(
    0x10, "Compare", channel=CHANNEL, collection=COLLECTION, digest=HASH, condition=CONDITION)
Ask = message(0x11, "Ask", channel=CHANNEL, ranges=RANGES)
Sums = message(0x12, "Sums", channel=CHANNEL, items=SUMS)
Fetch = message(0x13, "Fetch", channel=CHANNEL, ids=IDS)
Relay = message(
    0x14, "Relay", replica=Type(_read_replica, bytes), replica_name=text(128),
    owner=Type(_read_owner, primitives.text))
NAMES = list_of(_read_collection, primitives.text, require_rising_names)
Watch = message(0x15, "Watch", collections=NAMES)
Changed = message(0x16, "Changed", collections=Type(_read_changed, NAMES.write))
Alive = message(0x17, "Alive")


def body_of(sent):
    return b"".join(kind.write(part) for kind, part in zip(sent.fields.values(), sent))


def frame(type_, body):
    return (len(body) + 1).to_bytes(4, "big") + bytes([type_]) + body


def encode(sent):
    return frame(sent.type, body_of(sent))


def decode(type_, body):
    """The message, or None for one that is to be skipped."""
    shape = MESSAGES.get(type_)
    if shape is None:
        require(type_ >= SKIPPED_FROM, f"unknown type {type_}")
        return None
    reader = Reader(body)
    received = shape(*[kind.read(reader) for kind in shape.fields.values()])
    if isinstance(received, Hello):
        require(received.version_min <= received.version_max, "versions the wrong way round")
    if isinstance(received, State):
        open_, closed = ({known[0] for known in part}
                         for part in (received.knowledge, received.closed))
        require(not open_ & closed, "an origin that is closed and open")
    _read_extensions(reader)
    return received


def _read_extensions(reader):
    tags, found = [], {}
    while reader.left:
        tags.append(reader.varint())
        found[tags[-1]] = reader.bytes()
        require(tags[-1] % 2 == 0, f"extension {tags[-1]} must be understood")
    require(len(tags) <= EXTENSIONS_MAX, "too many extensions")
    require_rising(tags, "extensions")
    return found


def split_frame(buffer, limit=FRAME_MAX):
    """(type, body, rest) of the first frame in `buffer`, or None while it is not whole."""
    if len(buffer) < 4:
        return None
    length = int.from_bytes(buffer[:4], "big")
    require(1 <= length <= limit, f"frame of {length} bytes")
    if len(buffer) < 4 + length:
        return None
    return buffer[4], bytes(buffer[5 : 4 + length]), buffer[4 + length :]
