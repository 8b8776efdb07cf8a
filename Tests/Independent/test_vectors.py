"""The codec against Tests/Vectors. Needs no built program."""

import json
import pathlib
import re
import unittest

from officesync import codec, fingerprint, messages, names, primitives, values
from officesync.primitives import Malformed, Reader

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "Vectors"

#: Where the vectors call a field otherwise.
OUR_NAMES = {"bytes": "piece"}


def load(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def snake(name):
    return re.sub("[A-Z]", lambda match: "_" + match.group().lower(), name)


def whole(read, data):
    """What `read` makes of all of `data`."""
    reader = Reader(data)
    result = read(reader)
    reader.end()
    return result


def described(value):
    """A value as the vectors describe it."""
    kind, data = value
    if kind in ("null", "absent"):
        return {"type": kind}
    if kind in ("false", "true"):
        return {"type": "boolean", "value": kind == "true"}
    if kind == "double":
        return {"type": kind, "value": values.encode(value)[1:].hex()}
    if kind == "bytes":
        return {"type": kind, "value": data.hex()}
    if kind in ("date", "timestamp"):
        return {"type": kind, "value": values.plain(value)}
    if kind == "list":
        return {"type": kind, "value": [described(item) for item in data]}
    if kind == "object":
        return {"type": kind, "value": [
            {"name": name, "value": described(item)} for name, item in data.items()]}
    return {"type": kind, "value": data}


def described_vector(vector):
    return {replica.hex(): counter for replica, counter in vector.items()}


def described_dot(dot):
    return f"{dot[0].hex()}:{dot[1]}"


def described_record(record):
    fields = []
    for path, siblings in record.fields.items():
        shown, withheld = [], []
        for dot, content in siblings.items():
            write = record.writes[dot]
            if write is None:
                withheld.append(described_dot(dot))
                continue
            shown.append({
                "dot": described_dot(dot), "time": f"{write.time:016x}", "author": write.author,
                "note": write.note, "content": described(content)})
        fields.append({"path": path, "siblings": shown, "withheld": withheld})
    return {"fields": fields, "clock": described_vector(record.clock),
            "erased": described_vector(record.erased)}


class Vectors(unittest.TestCase):
    def each(self, items, check):
        self.assertTrue(items)
        for item in items:
            with self.subTest(item.get("name") or item.get("why") or str(item)[:80]):
                check(item)

    def refuses(self, read):
        def check(item):
            with self.assertRaises(Malformed):
                read(bytes.fromhex(item["hex"]))
        return check

    def test_varints(self):
        vectors = load("varints")

        def unsigned(item):
            data = bytes.fromhex(item["hex"])
            self.assertEqual(primitives.varint(int(item["value"])), data)
            self.assertEqual(whole(Reader.varint, data), int(item["value"]))

        def signed(item):
            data = bytes.fromhex(item["hex"])
            self.assertEqual(primitives.zigzag(int(item["value"])), data)
            self.assertEqual(whole(Reader.zigzag, data), int(item["value"]))

        self.each(vectors["unsigned"], unsigned)
        self.each(vectors["signed"], signed)
        self.each(vectors["bad"], self.refuses(lambda data: whole(Reader.varint, data)))

    def test_values(self):
        def good(item):
            data = bytes.fromhex(item["hex"])
            value = values.decode(data)
            self.assertEqual(described(value), item["value"])
            self.assertEqual(values.encode(value), data)
            self.assertEqual(names.set_element_path("s", data), "s/" + item["segment"])

        self.each(load("values")["good"], good)
        self.each(load("values")["bad"], self.refuses(values.decode))

    def test_names(self):
        checks = {"paths": names.require_path, "recordIDs": names.require_record_id,
                  "collections": names.require_collection}
        for kind, require in checks.items():
            def read(data, require=require):
                require(primitives.utf8(data))

            items = load("names")[kind]
            self.each([item for item in items if item["ok"]],
                      lambda item, read=read: read(bytes.fromhex(item["hex"])))
            self.each([item for item in items if not item["ok"]], self.refuses(read))

    def test_records(self):
        def good(item):
            data = bytes.fromhex(item["hex"])
            record = codec.decode(data)
            self.assertEqual(described_record(record), item["record"])
            self.assertEqual(codec.encode(record), data)
            self.assertEqual(codec.encode_body(record), data[: item["bodyBytes"]])
            if "fingerprint" in item:
                self.assertEqual(
                    fingerprint.fingerprint("casablanca-settat", {"future-hub": record}).hex(),
                    item["fingerprint"])

        self.each(load("records")["good"] + load("hand-typed")["records"], good)
        self.each(load("records")["bad"], self.refuses(codec.decode))

    def test_fingerprints(self):
        def check(item):
            records = {one["id"]: codec.decode(bytes.fromhex(one["hex"]))
                       for one in item["records"]}
            self.assertEqual(fingerprint.fingerprint(item["collection"], records).hex(),
                             item["fingerprint"])

        self.each(load("fingerprints")["collections"], check)

    def test_digests(self):
        def check(item):
            knowledge, stamps, closed, strays = {}, {}, [], {}
            for entry in item["knowledge"]:
                origin = bytes.fromhex(entry["origin"])
                knowledge[origin] = entry["counter"]
                if stamp := entry["stamp"]:
                    stamps[origin] = [(stamp["counter"], bytes.fromhex(stamp["token"]))]
                if entry["closed"]:
                    closed.append(origin)
                if entry["strays"]:
                    strays[origin] = bytes.fromhex(entry["strays"])
            self.assertEqual(
                fingerprint.digest(knowledge, stamps, closed, strays).hex(), item["digest"])

        self.each(load("digests")["good"], check)

    def test_messages(self):
        def decode(data):
            split = messages.split_frame(data)
            self.assertIsNotNone(split, "half a frame")
            type_, body, rest = split
            self.assertEqual(rest, b"")
            return messages.decode(type_, body)

        def good(item):
            data = bytes.fromhex(item["hex"])
            message = decode(data)
            self.assertEqual(type(message).__name__.lower(), item["message"])
            self.assertEqual(messages.encode(message), data)
            for name, value in item["fields"].items():
                if type(value) in (int, str):  # the others are shown by encoding them again
                    ours = getattr(message, OUR_NAMES.get(name, snake(name)))
                    if name == "code":
                        ours = messages.FAILURES[ours]
                    elif name == "reason":
                        ours = messages.REASONS[ours]
                    self.assertEqual(ours.hex() if isinstance(ours, bytes) else ours, value, name)

        self.each(load("messages")["good"] + load("hand-typed")["messages"], good)
        self.each(load("messages")["bad"], self.refuses(decode))


if __name__ == "__main__":
    unittest.main()
