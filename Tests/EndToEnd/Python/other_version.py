#!/usr/bin/env python3
"""Stands between a client and a server, and makes each look to the other like a program of another version.

  other_version.py SERVER-PORT MODE --ca FILE --office PREFIX --client PREFIX

It ends the TLS of both with their own certificates, prints "listening on 127.0.0.1:PORT", and changes the frames between
(docs/PROTOCOL.md, sections 3 and 16):

  newer      both sides speak versions up to 9; every message has extensions that may be skipped, and between any two come
             messages that may be
  older      the client knows no compression, nor any other extension
  critical   the server's Welcome has an extension that must be understood
  unlisted   the server picks a version that was not offered
  only-2     the client speaks no version below 2
"""
import argparse
import asyncio
import ssl

ALPN = "officesync/1"
HELLO, WELCOME, COMPRESSED = 0x01, 0x02, 0x18
# Of a Hello, its only extension: tag 0, one byte, zstd.
COMPRESSION = bytes([0, 1, 1])


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def extension(tag, data):
    return varint(tag) + varint(len(data)) + data


def frame(kind, body):
    return (len(body) + 1).to_bytes(4, "big") + bytes([kind]) + body


def changed(mode, kind, body):
    """What is passed on in the place of a frame. Both versions of a Hello, and that of a Welcome, are one byte."""
    # A compressed frame is no message, and what it ends in the middle of must go on in the next.
    if mode == "newer" and kind < 0x80 and kind != COMPRESSED:
        if kind == HELLO:
            body = body[:1] + bytes([9]) + body[2:]
        later = extension(1_000_000, b"") + extension(1_000_002, b"later")
        return frame(0x80, b"") + frame(0xFF, b"news") + frame(kind, body + later)
    if mode == "older" and kind == HELLO and body.endswith(COMPRESSION):
        return frame(kind, body[: -len(COMPRESSION)])
    if mode == "critical" and kind == WELCOME:
        return frame(kind, body + extension(1_000_001, b"must"))
    if mode == "unlisted" and kind == WELCOME:
        return frame(kind, bytes([2]) + body[1:])
    if mode == "only-2" and kind == HELLO:
        return frame(kind, bytes([2, 9]) + body[2:])
    return frame(kind, body)


async def carry(mode, reader, writer):
    try:
        while True:
            length = int.from_bytes(await reader.readexactly(4), "big")
            frame_bytes = await reader.readexactly(length)
            writer.write(changed(mode, frame_bytes[0], frame_bytes[1:]))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        writer.close()


def context(side, prefix, authority):
    made = ssl.SSLContext(side)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(authority)
    made.load_cert_chain(prefix + ".pem", prefix + ".key")
    made.set_alpn_protocols([ALPN])
    return made


async def main(options):
    towards_client = context(ssl.PROTOCOL_TLS_SERVER, options.office, options.ca)
    towards_server = context(ssl.PROTOCOL_TLS_CLIENT, options.client, options.ca)

    async def serve(reader, writer):
        back, forth = await asyncio.open_connection("127.0.0.1", options.port, ssl=towards_server)
        await asyncio.gather(
            carry(options.mode, reader, forth), carry(options.mode, back, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=towards_client)
    host, port = server.sockets[0].getsockname()
    print(f"listening on {host}:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("mode", choices=["newer", "older", "critical", "unlisted", "only-2"])
    for name in ("--ca", "--office", "--client"):
        parser.add_argument(name, required=True)
    asyncio.run(main(parser.parse_args()))
