"""A field device's store: in memory, and in a JSON file if it is given one."""

import json
import os
import secrets
import time

from . import codec, fingerprint, merge
from .messages import Condition


class Collection:
    def __init__(self, name):
        self.name = name
        self.records = {}  # ID -> Record
        self.knowledge = {}
        self.stamps = {}  # origin -> [(counter, token)]
        self.progress = {}  # sender's replica ID -> (token, vector)
        self.refused = set()  # IDs that an office refused for good
        self.ended = {}  # stamps that origins ended with -> whether they were retired

    def _reached(self, whether):
        """Origins whose lists end with an ending, and that are known up to there, or not."""
        newest = {origin: stamps[-1] for origin, stamps in self.stamps.items() if stamps}
        return sorted(origin for origin, stamp in newest.items() if stamp in self.ended
                      and (self.knowledge.get(origin, 0) == stamp[0]) == whether)

    def closed(self):
        """Origins under which nothing more can come."""
        return self._reached(True)

    def strays(self):
        sums = {origin: fingerprint.strays_sum(
            origin, self.knowledge.get(origin, 0), self.records)
            for origin in self._reached(False)}
        return {origin: sum for origin, sum in sums.items() if any(sum)}

    def closed_sum(self):
        closed = self.closed()
        return fingerprint.closed_sum(self.stamps, closed) if closed else None

    def digest(self):
        return fingerprint.digest(self.knowledge, self.stamps, self.closed(), self.strays())

    def fingerprint(self):
        return fingerprint.fingerprint(self.name, self.records)

    def condition(self):
        ended = set(self._reached(False))
        uncovered = any(
            not codec.covers(self.knowledge, dot) and dot[0] not in ended
            for record in self.records.values() for dot in record.clock.items())
        return Condition(self.fingerprint(), uncovered)

    def stamp(self, own):
        """Marks that the own writes so far were made here (section 9)."""
        counter = self.knowledge.get(own, 0)
        newest = fingerprint.newest_stamp(self.stamps, own)
        if counter > (newest[0] if newest else 0):
            self.stamps.setdefault(own, []).append((counter, secrets.token_bytes(16)))

    def add_stamps(self, origin, stamps):
        mine = self.stamps.setdefault(origin, [])
        mine += [stamp for stamp in stamps if not mine or stamp[0] > mine[-1][0]]


class Store:
    def __init__(self, identity, path=None):
        self.identity, self.path = identity, path
        self.replica = secrets.token_bytes(16)
        self.collections = {}
        self.highest_time = 0
        if path and os.path.exists(path):
            self._load()

    def collection(self, name):
        return self.collections.setdefault(name, Collection(name))

    def record(self, collection, id):
        return self.collection(collection).records.get(id, codec.Record())

    def put(self, collection, id, contents, note=""):
        """One write: sets each path of `contents` to a value, or to `ABSENT`. Returns its dot."""
        held = self.collection(collection)
        now = time.time_ns() // 1_000_000 << 16
        self.highest_time = min(max(now, self.highest_time + 1), 2**64 - 1)
        dot = (self.replica, held.knowledge.get(self.replica, 0) + 1)
        write = codec.Write(self.identity, self.highest_time, note)
        held.records[id] = merge.written(self.record(collection, id), dot, write, contents)
        held.knowledge[self.replica] = dot[1]
        self.save()
        return dot

    def take(self, collection, id, came):
        """Merges a record that came; whether that changed anything."""
        held = self.record(collection, id)
        merged = merge.merge(held, came)
        times = [write.time for write in merged.writes.values()]
        highest = (time.time_ns() // 1_000_000 + 300_000) << 16 | 0xFFFF
        self.highest_time = max([self.highest_time, *(at for at in times if at <= highest)])
        self.collection(collection).records[id] = merged
        return merged != held

    def save(self):
        if not self.path:
            return
        content = {
            "replica": self.replica.hex(),
            "highestTime": self.highest_time,
            "collections": {name: _packed(held) for name, held in self.collections.items()},
        }
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(content, file)
        os.replace(self.path + ".new", self.path)

    def _load(self):
        with open(self.path, encoding="utf-8") as file:
            content = json.load(file)
        self.replica = bytes.fromhex(content["replica"])
        self.highest_time = content["highestTime"]
        self.collections = {name: _unpacked(name, held)
                            for name, held in content["collections"].items()}


def _hexed(vector):
    return {replica.hex(): counter for replica, counter in vector.items()}


def _unhexed(vector):
    return {bytes.fromhex(replica): counter for replica, counter in vector.items()}


def _packed(held):
    return {
        "records": {id: codec.encode(record).hex() for id, record in held.records.items()},
        "knowledge": _hexed(held.knowledge),
        "stamps": {origin.hex(): [(counter, token.hex()) for counter, token in stamps]
                   for origin, stamps in held.stamps.items()},
        "progress": {peer.hex(): (token.hex(), _hexed(vector))
                     for peer, (token, vector) in held.progress.items()},
        "refused": sorted(held.refused),
        "ended": [(counter, token.hex(), retired)
                  for (counter, token), retired in held.ended.items()],
    }


def _unpacked(name, packed):
    held = Collection(name)
    held.records = {id: codec.decode(bytes.fromhex(record))
                    for id, record in packed["records"].items()}
    held.knowledge = _unhexed(packed["knowledge"])
    held.stamps = {
        bytes.fromhex(origin): [(counter, bytes.fromhex(token)) for counter, token in stamps]
        for origin, stamps in packed["stamps"].items()}
    held.progress = {bytes.fromhex(peer): (bytes.fromhex(token), _unhexed(vector))
                     for peer, (token, vector) in packed["progress"].items()}
    held.refused = set(packed["refused"])
    held.ended = {(counter, bytes.fromhex(token)): retired
                  for counter, token, retired in packed["ended"]}
    return held
