#!/usr/bin/env python3
"""The other end of a connection, well behaved or not, for tests of the programs from outside.

  peer.py dial PORT [options]       connects, sends, and prints what the other side did until it closed
  peer.py serve [options]           prints "listening on 127.0.0.1:PORT" and answers each connection
  peer.py drip PORT                 the same, but passes the bytes on to PORT and back, one a write
  peer.py cut PORT [--after N] [--back N]
                                    the same, but in one piece, until N bytes went over a connection, or N came back;
                                    prints what each carried
  peer.py poor PORT [--rate N] [--delay S] [--life S] [--piece N] [--forget-after N]
                                    the same, over a poor line: at most N bytes a second, each S seconds late, in
                                    pieces of 1 to N bytes; a connection dies after S seconds, or the line forgets it
                                    when N bytes went over it, and tells nobody
"""
import argparse
import queue
import random
import socket
import ssl
import sys
import threading
import time

# Nobody is waited for longer than this: a test that hangs has failed.
PATIENCE_SECONDS = 60


def context(options, side):
    made = ssl.SSLContext(side)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    version = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[options.tls]
    made.minimum_version = made.maximum_version = version
    if options.cert:
        made.load_cert_chain(options.cert, options.key)
    if options.alpn:
        made.set_alpn_protocols([options.alpn])
    return made


def dial(options):
    link = socket.create_connection(("127.0.0.1", options.port), timeout=PATIENCE_SECONDS)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    payload = bytes.fromhex(options.hex) + options.text.encode() + bytes(options.zeros)
    try:
        if options.tls:
            link = context(options, ssl.PROTOCOL_TLS_CLIENT).wrap_socket(link)
            print("handshake done", flush=True)
        if options.every:
            for byte in payload:
                link.sendall(bytes([byte]))
                time.sleep(options.every)
        else:
            link.sendall(payload)
        if options.leave:
            link.close()
            print("left")
            return 0
        count = 0
        while chunk := link.recv(65536):
            count += len(chunk)
            if options.show:
                sys.stdout.write(chunk.decode("latin-1"))
        print(f"closed after {count} bytes")
    except ssl.SSLError as error:
        print(f"refused: {error.reason}")
    except TimeoutError:
        print("still open")
        return 1
    except OSError as error:
        print(f"reset: {error}")
    return 0


def listen(answer):
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        link, _ = listener.accept()
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=answer, args=(link,), daemon=True).start()


def serve(options):
    made = context(options, ssl.PROTOCOL_TLS_SERVER) if options.tls else None

    def answer(link):
        link.settimeout(PATIENCE_SECONDS)
        try:
            if made:
                link = made.wrap_socket(link, server_side=True)
            else:
                link.recv(65536)
            link.sendall(options.text.encode())
            while not options.leave and link.recv(65536):
                pass
        except OSError:
            pass  # the client hung up, which is what it is expected to do
        link.close()

    listen(answer)


def drip(options):
    def carry(source, target):
        try:
            while chunk := source.recv(65536):
                for byte in chunk:
                    target.sendall(bytes([byte]))
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def answer(link):
        onward = socket.create_connection(("127.0.0.1", options.port))
        onward.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=carry, args=(onward, link), daemon=True)
        back.start()
        carry(link, onward)
        back.join()
        onward.close()
        link.close()

    listen(answer)


def cut(options):
    def answer(link):
        onward = socket.create_connection(("127.0.0.1", options.port))
        carried = {"forth": 0, "back": 0}
        lock = threading.Lock()

        def room(way, wanted):
            """How many bytes may still go this way."""
            with lock:
                taken = min(wanted, options.after - sum(carried.values()))
                if way == "back":
                    taken = min(taken, options.back - carried[way])
                carried[way] += taken
                return taken

        def carry(way, source, target):
            try:
                while chunk := source.recv(65536):
                    taken = room(way, len(chunk))
                    target.sendall(chunk[:taken])
                    if taken < len(chunk):
                        # Both ways at once. What was passed on before still arrives.
                        for end in (link, onward):
                            end.shutdown(socket.SHUT_RDWR)
                        return
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        back = threading.Thread(target=carry, args=("back", onward, link), daemon=True)
        back.start()
        carry("forth", link, onward)
        back.join()
        print(f"forth {carried['forth']} back {carried['back']}", flush=True)
        onward.close()
        link.close()

    listen(answer)


def poor(options):
    def answer(link):
        onward = socket.create_connection(("127.0.0.1", options.port))
        onward.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        left, lock = [options.forget_after], threading.Lock()

        def die():
            for end in (link, onward):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        def read(source, line):
            """Puts on the line what comes, as fast as it takes it, with the time at which it arrives."""
            free = time.monotonic()
            try:
                while chunk := source.recv(random.randint(1, options.piece)):
                    with lock:
                        left[0] -= len(chunk)
                        if left[0] < 0:
                            return  # not even that it is over
                    free = max(free, time.monotonic()) + len(chunk) / options.rate
                    time.sleep(max(0, free - time.monotonic()))
                    line.put((free + options.delay, chunk))
                line.put((free + options.delay, b""))
            except OSError:
                line.put((free + options.delay, b""))

        def write(line, target):
            try:
                while True:
                    due, chunk = line.get()
                    time.sleep(max(0, due - time.monotonic()))
                    if not chunk:
                        return target.shutdown(socket.SHUT_WR)
                    target.sendall(chunk)
            except OSError:
                die()

        for source, target in ((link, onward), (onward, link)):
            line = queue.Queue()
            threading.Thread(target=read, args=(source, line), daemon=True).start()
            threading.Thread(target=write, args=(line, target), daemon=True).start()
        if options.life:
            timer = threading.Timer(options.life, die)
            timer.daemon = True
            timer.start()

    listen(answer)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["dial", "serve", "drip", "cut", "poor"])
    parser.add_argument("port", type=int, nargs="?")
    parser.add_argument("--tls", choices=["1.2", "1.3"], help="speak TLS of this version")
    parser.add_argument("--alpn", help="the application protocol to name")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--hex", default="", help="bytes to send")
    parser.add_argument("--text", default="", help="text to send after them")
    parser.add_argument("--zeros", type=int, default=0, help="zero bytes to send after that")
    parser.add_argument("--every", type=float, default=0, help="one byte in so many seconds")
    parser.add_argument("--leave", action="store_true", help="hang up as soon as all is sent")
    parser.add_argument("--show", action="store_true", help="print what comes")
    parser.add_argument("--after", type=int, default=sys.maxsize, help="bytes both ways together")
    parser.add_argument("--back", type=int, default=sys.maxsize, help="bytes that come back")
    parser.add_argument("--rate", type=float, default=1e9, help="bytes a second, each way")
    parser.add_argument("--delay", type=float, default=0, help="seconds, each way")
    parser.add_argument("--life", type=float, default=0, help="of a connection, in seconds")
    parser.add_argument("--piece", type=int, default=1460, help="bytes at most")
    parser.add_argument("--forget-after", type=int, default=sys.maxsize, help="bytes both ways together")
    options = parser.parse_args()
    return {"dial": dial, "serve": serve, "drip": drip, "cut": cut, "poor": poor}[options.command](options)


if __name__ == "__main__":
    sys.exit(main())
