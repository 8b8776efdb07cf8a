"""Who has no certificate, or does not speak TLS 1.3 as we do."""

import ssl

import openssl
from arena import last_words
from cases import case, suite

CLIENT_HELLO = "16030102000100"  # the beginning of one of 512 bytes


def raw(attacker, data):
    connection = attacker.socket()
    connection.sendall(data)
    return connection


def closed(connection):
    return "closed" if last_words(connection) == b"" else "answered"


@case("closed", "does not speak TLS")
def garbage(attacker):
    return closed(raw(attacker, bytes.fromhex("00ff10e7c3a9") + bytes(4_000)))


@case(("closed", "answered"), "TLS")
def garbage_that_begins_like_tls(attacker):
    return closed(raw(attacker, bytes.fromhex("16030100ffee") + bytes(300)))


@case("400", "HTTP request")
def an_http_request(attacker):
    return last_words(raw(attacker, b"GET / HTTP/1.1\r\nHost: rabat\r\n\r\n"))[9:12].decode()


@case("closed", "does not speak TLS")
def control_characters(attacker):
    return closed(raw(attacker, "\x1b[2J\x1b]0;root\x07\u202e\r\nlisten\n".encode()))


@case("closed", "in time", together=True, share=0.6)
def silence(attacker):
    return closed(raw(attacker, b""))


@case("closed", "in time", together=True, share=0.6)
def half_a_client_hello(attacker):
    return closed(raw(attacker, bytes.fromhex(CLIENT_HELLO) + bytes(100)))


@case(("closed", "cut"), "in time", together=True, share=0.6)
def a_client_hello_byte_by_byte(attacker):
    connection = attacker.socket()
    connection.settimeout(0.05)
    try:
        for byte in bytes.fromhex(CLIENT_HELLO) + bytes(500):
            connection.sendall(bytes([byte]))
            try:
                if not connection.recv(100):
                    return "closed"
            except TimeoutError:
                pass
    finally:
        connection.close()
    return "still open"


@case("left", "hung up before")
def half_a_client_hello_and_gone(attacker):
    raw(attacker, bytes.fromhex(CLIENT_HELLO) + bytes(100)).close()
    return "left"


@case(("answered", "cut"), "refused")
def a_client_hello_without_end(attacker):
    connection = attacker.socket()
    piece = bytes.fromhex("1603014000") + b"\x01\x00\xff\xff" + bytes(0x4000 - 4)
    more = bytes.fromhex("1603014000") + bytes(0x4000)
    connection.sendall(piece + 8 * more)
    return "answered" if last_words(connection) else "closed"


@case("alert TLSV1_ALERT_PROTOCOL_VERSION", "TLS 1.3")
def tls_1_2(attacker):
    attacker.tls(maximum_version=ssl.TLSVersion.TLSv1_2, alpn="officesync/1")


@case("alert TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "application protocol")
def no_application_protocol(attacker):
    attacker.tls(certificate=attacker.credentials()[:2])


@case("alert TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "application protocol")
def another_application_protocol(attacker):
    attacker.tls(certificate=attacker.credentials()[:2], alpn="http/1.1")


@case("alert TLSV13_ALERT_CERTIFICATE_REQUIRED", "no certificate")
def no_certificate(attacker):
    return closed(attacker.tls(alpn="officesync/1"))


@case("refused", "no way to encrypt")
def finite_field_groups_alone(attacker):
    client = openssl.Client(attacker.socket(), attacker.credentials(), groups="ffdhe2048")
    try:
        return "connected" if client.connect() else "refused"
    finally:
        client.close()


Hostile = suite(globals())
