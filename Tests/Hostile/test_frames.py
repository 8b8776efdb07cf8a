"""What comes inside TLS and is no session."""

import openssl
from arena import NAME, PULL, messages
from cases import case, suite
from officesync import primitives

VIOLATION = "fail protocolViolation"
#: 131,072 bytes in ten: a zstd frame with one block that repeats a byte (RFC 8878).
BOMB = bytes.fromhex("28b52ffd0038020010ff")


def first(attacker, data):
    """What the server says to bytes that come first."""
    with attacker.link() as made:
        made.tls.write(data)
        return said(made)


def said(made):
    answer = made.receive()
    if isinstance(answer, messages.Fail):
        return "fail " + messages.FAILURES[answer.code]
    return answer


def then(attacker, *frames, **changes):
    """What it says to bytes behind a greeting, as soon as it fails."""
    with attacker.greeted(**changes) as made:
        for data in frames:
            made.link.tls.write(data)
        while True:
            made.receive()


def before(expected, line, data, **options):
    return case(expected, line, **options)(lambda attacker: first(attacker, data))


def behind(expected, line, *frames, **options):
    return case(expected, line, **options)(lambda attacker: then(attacker, *frames))


an_http_request_inside = before(VIOLATION, "no frame", b"GET / HTTP/1.1\r\n\r\n")
an_empty_frame = before(VIOLATION, "no frame", bytes(4))
a_frame_of_2_gibibytes = before(VIOLATION, "no frame", bytes.fromhex("7fffffff01"))
a_frame_above_4_kibibytes = before(VIOLATION, "no frame", (4_097).to_bytes(4, "big") + b"\1")
a_malformed_hello = before(VIOLATION, "malformed", bytes.fromhex("0000000401ffffff"))
an_unknown_message_first = before(VIOLATION, "malformed", messages.frame(0x7F, b""))
something_else_than_hello = before(VIOLATION, "was due", messages.encode(messages.Alive()))
a_compressed_frame_first = before(VIOLATION, "compressed", messages.frame(messages.COMPRESSED, BOMB))

half_a_frame_and_silence = before(("fail idle", "closed"), "came for", bytes.fromhex("0000100001"), together=True, share=0.6)


@case(("fail idle", "closed"), "came for", together=True, share=0.6)
def silence_inside(attacker):
    return first(attacker, b"")


@case(("fail idle", "cut", "closed"), "no whole Hello", together=True, share=0.6)
def a_hello_byte_by_byte(attacker):
    with attacker.link() as made:
        made.timeout = 0.05
        for byte in bytes.fromhex("0000100001") + bytes(1_000):
            made.tls.write(bytes([byte]))
            try:
                return said(made)
            except TimeoutError:
                pass
    return "still open"


@case("left", "", quiet=True)
def half_a_frame_and_gone(attacker):
    with attacker.link() as made:
        made.tls.write(bytes.fromhex("0000100001"))
        made.flush()
    return "left"


a_frame_above_the_limit = behind(VIOLATION, "no frame", (1_048_577).to_bytes(4, "big") + b"\x08")
a_compressed_frame_not_agreed_on = behind(VIOLATION, "notAgreed", messages.frame(messages.COMPRESSED, BOMB))
an_unknown_message = behind(VIOLATION, "malformed", messages.frame(0x7F, b""))
a_count_that_cannot_fit = behind(VIOLATION, "malformed", messages.frame(6, b"\1" + primitives.varint(2**40)))
a_list_of_a_million_nothings = behind(VIOLATION, "malformed", messages.frame(8, b"\1" + primitives.varint(2**20) + bytes(1_000)))


def compressed(*frames):
    """A case of compressed frames where they were agreed on."""
    return case(VIOLATION, "compressed")(
        lambda attacker: then(attacker, *frames, compressions=[messages.ZSTD]))


a_bomb = compressed(messages.frame(messages.COMPRESSED, BOMB))
a_compressed_frame_of_noise = compressed(messages.frame(messages.COMPRESSED, bytes(range(256))))
#: A raw block that holds the header of another compressed frame.
a_bomb_within_a_bomb = compressed(messages.frame(
    messages.COMPRESSED, bytes.fromhex("28b52ffd0038290000") + messages.frame(messages.COMPRESSED, b"")))
a_window_of_2_gibibytes = compressed(messages.frame(messages.COMPRESSED, bytes.fromhex("28b52ffd00a8010000")))


def tiny(attacker, frame):
    """A million of them, or as many as the server takes."""
    with attacker.greeted() as made:
        many = frame * 10_000
        for _ in range(100):
            made.link.tls.write(many)
            made.link.flush()
        return said(made)


@case((VIOLATION, "cut"), "says nothing")
def a_million_signs_of_life(attacker):
    return tiny(attacker, messages.encode(messages.Alive()))


@case((VIOLATION, "cut"), "says nothing")
def a_million_frames_of_a_later_version(attacker):
    return tiny(attacker, messages.frame(0xFF, b""))


@case("state", "session", quiet=True)
def single_bytes(attacker):
    """Slow, and nothing else: it is answered like anybody."""
    with attacker.greeted() as made:
        held = attacker.device.collection(NAME)
        opening = messages.encode(messages.Open(1, NAME, PULL, bytes(32), None, held.condition()))
        for byte in opening:
            made.link.tls.write(bytes([byte]))
        return made.receive()


@case(("closed", "cut"), "keys")
def new_keys_without_end(attacker):
    client = openssl.Client(attacker.socket(), attacker.credentials())
    try:
        if not client.connect():
            return "refused"
        for _ in range(100_000):
            if not client.update_keys():
                return "cut"
        return "still open"
    finally:
        client.close()


Hostile = suite(globals())
