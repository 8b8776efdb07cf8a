"""Merging and writing records (docs/PROTOCOL.md, section 8)."""

from . import values
from .codec import WITHHELD, Record, covers

DELETED = "$deleted"


class Contradiction(Exception):
    """Two stores have written under one replica ID."""


def join(*vectors):
    joined = {}
    for vector in vectors:
        for replica, counter in vector.items():
            joined[replica] = max(counter, joined.get(replica, 0))
    return joined


def merge(held, came):
    """A new record; neither of the given ones is changed."""
    fields = {path: dict(siblings) for path, siblings in held.fields.items()}
    writes = dict(held.writes)
    joined = {}
    for path, theirs in came.fields.items():
        mine = held.fields.get(path, {})
        for dot in mine.keys() & theirs.keys():
            if theirs[dot] == WITHHELD:
                continue
            if held.writes[dot] != came.writes[dot]:
                raise Contradiction(f"{path} {dot[0].hex()}:{dot[1]}")
            if mine[dot] != theirs[dot]:
                joined[path, dot] = _joined(path, mine[dot], theirs[dot])
        kept = {dot: content for dot, content in mine.items()
                if dot in theirs or not covers(came.clock, dot)}
        for dot, content in theirs.items():
            if content != WITHHELD and (dot in mine or not covers(held.clock, dot)):
                kept[dot] = joined.get((path, dot), content)
                writes[dot] = came.writes[dot]
        fields[path] = kept
    erased = join(held.erased, came.erased)
    fields = {path: {dot: content for dot, content in siblings.items() if not covers(erased, dot)}
              for path, siblings in fields.items()}
    merged = Record(fields, writes, join(held.clock, came.clock), erased)
    merged.prune()
    return merged


def _joined(path, mine, theirs):
    """One deletion whose vector names a branch here by its old name, and there by its new one."""
    if path != DELETED or not _seen_by(mine) or not _seen_by(theirs):
        raise Contradiction(path)
    return _listed(join(_seen_by(mine), _seen_by(theirs)))


def written(record, dot, write, contents):
    """The record after a write of `contents` (from path to value or `ABSENT`) that saw all of it."""
    fields = dict(record.fields)
    fields.update({path: {dot: content} for path, content in contents.items()})
    new = Record(fields, record.writes | {dot: write}, join(record.clock, dict([dot])),
                 dict(record.erased))
    new.prune()
    return new


def deletion(record):
    """What a write to `$deleted` puts there."""
    return _listed(record.clock)


def _listed(vector):
    seen = []
    for replica, counter in sorted(vector.items()):
        seen += [values.Value("bytes", replica), values.integer(counter)]
    return values.Value("list", seen)


def is_deleted(record):
    deletions = record.fields.get(DELETED, {})
    if not deletions or values.ABSENT in deletions.values():
        return False
    seen = join(*[dict([dot]) for dot in deletions])
    for content in deletions.values():
        seen = join(seen, _seen_by(content))
    return all(covers(seen, dot) for path, siblings in record.fields.items() if path != DELETED
               for dot in siblings)


def _seen_by(deletion_):
    """The vector in the value of `$deleted`; a value that is none covers nothing."""
    kind, items = deletion_
    pairs = list(zip(items[::2], items[1::2])) if kind == "list" else []
    well_formed = pairs and len(items) % 2 == 0 and all(
        replica.kind == "bytes" and len(replica.data) == 16
        and counter.kind == "integer" and counter.data > 0 for replica, counter in pairs)
    return {replica.data: counter.data for replica, counter in pairs} if well_formed else {}


def current(record, path):
    """What the policy `latest` shows: the sibling with the highest time, ties by dot."""
    siblings = record.fields.get(path, {})
    if not siblings:
        return values.ABSENT
    return siblings[max(siblings, key=lambda dot: (record.writes[dot].time, dot))]
