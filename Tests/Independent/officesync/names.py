"""What names are allowed (docs/PROTOCOL.md, section 5), and the paths of sets and journals."""

import hashlib
import re
import unicodedata

from .primitives import fixed64, require

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)


def is_collection(name):
    return name == "$office" or NAME.fullmatch(name) is not None


def require_collection(name):
    require(is_collection(name), f"{name!r} is no collection")


def is_identity(name):
    role, slash, rest = name.partition("/")
    return role in ("office", "field") and slash == "/" and NAME.fullmatch(rest) is not None


def require_clean(name, what):
    require(unicodedata.is_normalized("NFC", name), f"{what} not in NFC")
    require(all(unicodedata.category(c) != "Cc" for c in name), f"{what} with a control character")


def require_record_id(name):
    require(1 <= len(name.encode()) <= 128, "record ID too short or too long")
    require_clean(name, "record ID")


def require_path(path):
    require(1 <= len(path.encode()) <= 1024, "path too short or too long")
    require_clean(path, "path")
    if path == "$deleted":
        return
    segments = path.split("/")
    require(len(segments) <= 32, "path of more than 32 segments")
    for segment in segments:
        require(1 <= len(segment.encode()) <= 128, "segment too short or too long")
        require(not segment.startswith("$"), "segment that begins with $")
        require("=" not in segment, "bare = in a segment")
        require(re.search(r"%(?!2F|25|3D)", segment) is None, "bad escape in a segment")


def escaped(key):
    """A plain key as it is written in a path."""
    key = unicodedata.normalize("NFC", key)
    return key.replace("%", "%25").replace("/", "%2F").replace("=", "%3D")


def set_element_path(path, encoded_value):
    return f"{path}/{hashlib.sha256(encoded_value).hexdigest()[:32]}"


def journal_entry_path(path, time, replica):
    return f"{path}/{fixed64(time).hex()}{replica.hex()}"
