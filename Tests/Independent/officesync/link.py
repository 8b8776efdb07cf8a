"""A connection over mutual TLS 1.3 that sends and receives frames (docs/PROTOCOL.md, sections 2, 3).

`ssl.SSLObject` between two memory buffers: so one thread can read while it writes, which the
protocol asks for.
"""

import select
import socket
import ssl
import time

from . import messages
from .names import is_identity
from .primitives import Malformed

ALPN = "officesync/1"


class Cut(Exception):
    """The connection ended without `close_notify`, or in the middle of a frame."""


class Closed(Exception):
    """The peer closed in good order."""


def context(certificate, key, authority, alpn=ALPN):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    if authority:
        made.load_verify_locations(authority)
    else:
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    if certificate:
        made.load_cert_chain(certificate, key)
    if alpn:
        made.set_alpn_protocols([alpn])
    return made


class Link:
    def __init__(self, address, tls, timeout=30, source=None):
        self.timeout = timeout
        self.socket = socket.create_connection(
            address, timeout, (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = tls.wrap_bio(self.incoming, self.outgoing, server_hostname=address[0])
        self.unsent, self.buffer, self.plain = b"", b"", b""
        self.peer_limit = messages.HELLO_FRAME_MAX
        self.sent_frames, self.received_frames = [], []
        self.round_trips, self.asked = 0, False
        try:
            self._until(self.tls.do_handshake)
            self.peer = self._office()
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.close(abrupt=kind is not None)

    def _office(self):
        """The server's identity: an office's, in its one URI."""
        names = self.tls.getpeercert().get("subjectAltName", ())
        uris = [name for kind, name in names if kind == "URI"]
        identity = uris[0].removeprefix("officesync://") if len(uris) == 1 else ""
        if not (is_identity(identity) and identity.startswith("office/")):
            raise ssl.SSLError(f"the server is no office: {uris}")
        if self.tls.selected_alpn_protocol() != ALPN:
            raise ssl.SSLError("the server does not speak officesync/1")
        return identity

    def send(self, message):
        self.send_raw(messages.encode(message), asks=not isinstance(message, messages.Result))

    def send_raw(self, data, asks=True):
        """Any bytes as they are; a frame if the caller made one. `asks`: an answer is due to it."""
        length = int.from_bytes(data[:4], "big")
        if length <= 4 + len(data) and length > self.peer_limit:
            raise Malformed(f"a frame of {length} bytes where the peer takes {self.peer_limit}")
        self.sent_frames.append(data)
        self.asked |= asks
        self.tls.write(data)

    def receive(self):
        """The next message that is not to be skipped."""
        while True:
            split = messages.split_frame(self.plain)
            if split is None:
                self.round_trips += self.asked
                self.asked = False
                self.plain += self._until(self._read)
                continue
            type_, body, self.plain = split
            self.received_frames.append((type_, len(body) + 5))
            message = messages.decode(type_, body)
            if message is not None:
                return message

    def _read(self):
        data = self.tls.read(65_536)
        if not data:
            raise ssl.SSLZeroReturnError
        return data

    def _until(self, step):
        """Moves bytes both ways until `step` has what it needs."""
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._pump(deadline, reading=True)
            except ssl.SSLZeroReturnError:
                raise (Cut("in the middle of a frame") if self.plain else Closed()) from None
            except ssl.SSLEOFError:
                raise Cut("no close_notify") from None
            finally:
                self.unsent += self.outgoing.read()

    def _pump(self, deadline, reading):
        self.unsent += self.outgoing.read()
        wanted = (select.POLLOUT if self.unsent else 0) | (select.POLLIN if reading else 0)
        poller = select.poll()
        poller.register(self.socket, wanted)
        events = poller.poll(max(0, deadline - time.monotonic()) * 1_000)
        if not events:
            raise TimeoutError("the peer is silent")
        writable = wanted & select.POLLOUT and events[0][1] & ~select.POLLIN
        readable = wanted & select.POLLIN and events[0][1] & ~select.POLLOUT
        if writable:
            try:
                self.unsent = self.unsent[self.socket.send(self.unsent) :]
            except (BrokenPipeError, ConnectionResetError):
                self.unsent = b""  # what the peer said last can still be read
        if readable:
            try:
                data = self.socket.recv(262_144)
            except ConnectionResetError:
                raise Cut("connection reset") from None
            self.incoming.write(data) if data else self.incoming.write_eof()

    def flush(self):
        deadline = time.monotonic() + self.timeout
        self.unsent += self.outgoing.read()
        while self.unsent:
            self._pump(deadline, reading=True)

    def close(self, abrupt=False):
        if not abrupt:
            try:
                self.tls.unwrap()
            except ssl.SSLError:
                pass
            try:
                self.flush()
            except (OSError, Cut):
                pass
        self.socket.close()
