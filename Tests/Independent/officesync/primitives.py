"""The primitive types of the protocol (docs/PROTOCOL.md, section 4)."""

COUNTER_MAX = 2**53 - 1
CHANNEL_MAX = 2**32 - 1
VARINT_MAX = 2**64 - 1


class Malformed(Exception):
    """Bytes that the document does not allow."""


def require(condition, what):
    if not condition:
        raise Malformed(what)


class Reader:
    """Reads primitive types from bytes; whoever is done calls `end`."""

    def __init__(self, data):
        self.data = bytes(data)
        self.position = 0

    @property
    def left(self):
        return len(self.data) - self.position

    def end(self):
        require(self.left == 0, f"{self.left} trailing bytes")

    def take(self, count):
        require(count <= self.left, f"{count} bytes wanted, {self.left} left")
        piece = self.data[self.position : self.position + count]
        self.position += count
        return piece

    def byte(self):
        return self.take(1)[0]

    def varint(self, low=0, high=VARINT_MAX):
        number = 0
        for index in range(10):
            byte = self.byte()
            number |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                require(byte != 0 or index == 0, "varint not in its shortest form")
                require(number <= VARINT_MAX, "varint too large")
                require(low <= number <= high, f"{number} is not in {low}...{high}")
                return number
        raise Malformed("varint of more than ten bytes")

    def zigzag(self):
        number = self.varint()
        return (number >> 1) ^ -(number & 1)

    def fixed64(self):
        return int.from_bytes(self.take(8), "big")

    def bytes(self, limit=None):
        count = self.varint()
        require(limit is None or count <= limit, f"{count} bytes where {limit} are allowed")
        return self.take(count)

    def text(self, limit=None):
        return utf8(self.bytes(limit))

    def id16(self):
        return self.take(16)

    def hash32(self):
        return self.take(32)

    def counter(self):
        return self.varint(1, COUNTER_MAX)

    def channel(self):
        return self.varint(1, CHANNEL_MAX)

    def flags(self, known):
        flags = self.byte()
        require(flags & ~known == 0, f"unknown flags {flags:02x}")
        return flags

    def count(self, least):
        """How many items follow, each of which takes at least `least` bytes."""
        count = self.varint()
        require(count * least <= self.left, f"{count} items cannot fit")
        return count

    def list(self, item, least=1):
        return [item() for _ in range(self.count(least))]

    def vector(self):
        entries = self.list(lambda: (self.id16(), self.counter()), least=17)
        require_rising([replica for replica, _ in entries], "vector")
        return dict(entries)


def utf8(data):
    try:
        return data.decode("utf-8")  # strict: no surrogates, no overlong forms
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8: {error.reason}") from None


def require_rising(keys, what):
    require(all(a < b for a, b in zip(keys, keys[1:])), f"{what}: not sorted, or one twice")


def varint(number):
    require(0 <= number <= VARINT_MAX, "varint out of range")
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def zigzag(number):
    require(-(2**63) <= number < 2**63, "zigzag out of range")
    return varint(number * 2 if number >= 0 else -number * 2 - 1)


def fixed64(number):
    return number.to_bytes(8, "big")


def lengthed(data):
    return varint(len(data)) + data


def text(string):
    return lengthed(string.encode("utf-8"))


def listed(items):
    items = list(items)
    return varint(len(items)) + b"".join(items)


def vector(entries):
    return listed(replica + varint(counter) for replica, counter in sorted(entries.items()))
