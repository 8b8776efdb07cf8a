"""Policies and open conflicts (docs/PROTOCOL.md, sections 5 and 8)."""

from . import merge, values
from .names import escaped


def policy(schema, path):
    """The policy of a path by the record `$schema`: that of the most literal pattern."""
    segments = path.split("/")
    for pattern in _patterns(segments):
        rule = f"fields/{escaped(pattern)}"
        if any(known.startswith(rule + "/") for known in schema.fields):
            return merge.current(schema, rule + "/policy").data or "latest"
    return "latest"


def _patterns(segments):
    """Every pattern that matches, those with literal segments further left first."""
    if not segments:
        yield ""
        return
    for first in (segments[0], "*"):
        for rest in _patterns(segments[1:]):
            yield first + ("/" + rest if rest else "")


def open_conflicts(schema, record):
    """The paths that wait for a person."""
    found = {
        path for path, siblings in record.fields.items()
        if path != merge.DELETED and policy(schema, path) == "manual"
        and len({values.encode(content) for content in siblings.values()}) > 1}
    deletions = record.fields.get(merge.DELETED, {}).values()
    if any(content != values.ABSENT for content in deletions) and not merge.is_deleted(record):
        found.add(merge.DELETED)
    return found
