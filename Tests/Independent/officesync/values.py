"""Values (docs/PROTOCOL.md, section 6)."""

import datetime
import math
import re
import struct
from typing import NamedTuple

from . import primitives
from .primitives import Malformed, fixed64, lengthed, require, require_rising, varint, zigzag

TEXT_MAX = 65_536
BYTES_MAX = 262_144
DEPTH_MAX = 32
DAYS = (-719_162, 2_932_896)
MILLISECONDS = (-62_135_596_800_000, 253_402_300_799_999)
EPOCH = datetime.date(1970, 1, 1)
NUMBER = re.compile(rb"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE]([+-]?[0-9]+))?")

KINDS = ("null", "false", "true", "integer", "decimal", "double", "text", "date", "timestamp",
         "bytes", "list", "object")
TAGS = {kind: tag for tag, kind in enumerate(KINDS)} | {"absent": 0x0F}


class Value(NamedTuple):
    """`data`: None; int (integer, date, timestamp); str (decimal, text); float; bytes; a list of
    Values; a dict of them."""

    kind: str
    data: object = None


ABSENT = Value("absent")


def date(year, month, day):
    return Value("date", (datetime.date(year, month, day) - EPOCH).days)


def text(string):
    return Value("text", string)


def integer(number):
    return Value("integer", number)


def decimal(digits):
    return Value("decimal", digits)


def texts(*strings):
    return Value("list", [text(s) for s in strings])


def encode(value):
    kind, data = value
    tag = bytes([TAGS[kind]])
    if kind in ("integer", "date", "timestamp"):
        return tag + zigzag(data)
    if kind in ("decimal", "text"):
        return tag + primitives.text(data)
    if kind == "double":
        return tag + struct.pack(">d", data)
    if kind == "bytes":
        return tag + lengthed(data)
    if kind == "list":
        return tag + primitives.listed(encode(item) for item in data)
    if kind == "object":
        members = sorted((name.encode(), item) for name, item in data.items())
        return tag + varint(len(members)) + b"".join(
            lengthed(name) + encode(item) for name, item in members)
    return tag


def read(reader, depth=0):
    """A value; `ABSENT` only at depth 0."""
    tag = reader.byte()
    if tag == TAGS["absent"] and depth == 0:
        return ABSENT
    require(tag < len(KINDS), f"unknown value tag {tag:02x}")
    kind = KINDS[tag]
    require(kind not in ("list", "object") or depth < DEPTH_MAX, "nested too deeply")
    return Value(kind, _read_data(kind, reader, depth))


def _read_data(kind, reader, depth):
    if kind == "integer":
        return reader.zigzag()
    if kind == "decimal":
        return _decimal(reader.bytes(256))
    if kind == "double":
        bits = reader.fixed64()
        number = struct.unpack(">d", fixed64(bits))[0]
        require(math.isfinite(number), "double that is not finite")
        return number
    if kind == "text":
        return reader.text(TEXT_MAX)
    if kind == "date":
        return _within(reader.zigzag(), DAYS)
    if kind == "timestamp":
        return _within(reader.zigzag(), MILLISECONDS)
    if kind == "bytes":
        return reader.bytes(BYTES_MAX)
    if kind == "list":
        return reader.list(lambda: read(reader, depth + 1))
    if kind == "object":
        members = reader.list(
            lambda: (reader.text(TEXT_MAX), read(reader, depth + 1)), least=2)
        require_rising([name.encode() for name, _ in members], "object")
        return dict(members)
    return None


def _within(number, bounds):
    require(bounds[0] <= number <= bounds[1], f"{number} is not in {bounds}")
    return number


def _decimal(digits):
    match = NUMBER.fullmatch(digits)
    require(match is not None, "decimal that is no JSON number")
    exponent = int(match.group(4) or b"0")
    require(-9999 <= exponent <= 9999, "decimal with an exponent out of range")
    return digits.decode()


def decode(data):
    reader = primitives.Reader(data)
    value = read(reader)
    reader.end()
    if encode(value) != bytes(data):
        raise Malformed("not the one encoding of this value")
    return value


def plain(value):
    """The value as the programs show it in JSON (docs/CLI.md); exact types are compared apart."""
    kind, data = value
    if kind in ("false", "true"):
        return kind == "true"
    if kind == "date":
        return (EPOCH + datetime.timedelta(days=data)).isoformat()
    if kind == "timestamp":
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=data)
        return moment.isoformat(timespec="milliseconds") + "Z"
    if kind == "list":
        return [plain(item) for item in data]
    if kind == "object":
        return {name: plain(item) for name, item in data.items()}
    return data
