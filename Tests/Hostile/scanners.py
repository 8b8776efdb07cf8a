"""Two well-known scanners of TLS, made to name our application protocol: without it they get no connection, and find nothing.

- testssl.sh asks with ClientHellos of its own and with `openssl s_client`. In a copy of the script the extension that it sends where
  it has no other name (NPN) becomes ours, and `openssl` a script that adds what `s_client` needs.
- sslyze asks with an OpenSSL of its own, whose function for it Python is not shown; it is called where it stands in memory. This file,
  run as a program, is sslyze with that.
"""

import ctypes
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from arena import ALPN_LIST, link

TESTSSL = shutil.which("testssl") or shutil.which("testssl.sh")
SECONDS = 600


def testssl(arena):
    """What testssl.sh finds: of each thing its name, how bad it is, and words."""
    folder = pathlib.Path(arena.path("testssl"))
    folder.mkdir()
    extension = bytes.fromhex("0010") + len(ALPN_LIST + b"__").to_bytes(2) + len(ALPN_LIST).to_bytes(2) + ALPN_LIST
    text, changed = re.subn(
        r'(extension_next_protocol=")\s*33, ?74, ?00, ?00"', rf'\g<1>{extension.hex(",")}"',
        pathlib.Path(TESTSSL).read_text(encoding="utf-8"))
    assert changed == 1, "another version of testssl.sh: where is its NPN extension?"
    certificate, key, _ = arena.credentials("amina")
    for name, content in (("testssl", text), ("openssl", f"""#!/bin/bash
options=()
if [[ "$1" == s_client && "$*" != *-help* ]]; then
  options=(-cert '{certificate}' -key '{key}')
  [[ " $* " == *" -alpn "* ]] || options+=(-alpn {link.ALPN})
fi
exec openssl "$1" "${{options[@]}}" "${{@:2}}"
""")):
        (folder / name).write_text(content, encoding="utf-8")
        (folder / name).chmod(0o700)
    host, port = arena.address
    done = subprocess.run(
        [folder / "testssl", "--openssl", folder / "openssl", "--quiet", "--warnings", "batch", "--ip", "one", "--color", "0",
         "--protocols", "--std", "--pfs", "--server-preference", "--cipher-per-proto", "--vulnerable",
         "--jsonfile", folder / "found.json", f"{host}:{port}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, check=False,
        encoding="utf-8", errors="replace")
    try:
        found = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AssertionError(done.stdout) from error
    return [(one["id"], one["severity"], one["finding"]) for one in found]


def sslyze(arena):
    """What sslyze finds: its results by the names that it gives them."""
    host, port = arena.address
    certificate, key, _ = arena.credentials("amina")
    file = arena.path("sslyze.json")
    done = subprocess.run(
        [sys.executable, __file__, "--cert", certificate, "--key", key, "--json_out", file, f"{host}:{port}"],
        capture_output=True, timeout=SECONDS, check=False, encoding="utf-8")
    try:
        with open(file, encoding="utf-8") as found:
            results = json.load(found)["server_scan_results"][0]["scan_result"]
    except (OSError, ValueError, LookupError) as error:
        raise AssertionError(done.stdout + done.stderr) from error
    return {name: one["result"] for name, one in results.items() if one and one["status"] == "COMPLETED"}


def _name_our_protocol():
    from nassl import _nassl, ssl_client
    symbols = subprocess.run(["nm", _nassl.__file__], capture_output=True, check=True, encoding="utf-8").stdout
    offset = int(re.search(r"^(\w+) t SSL_set_alpn_protos$", symbols, re.MULTILINE)[1], 16)
    with open("/proc/self/maps", encoding="utf-8") as maps:
        base = next(int(line.partition("-")[0], 16) for line in maps
                    if line.endswith(f"/{os.path.basename(_nassl.__file__)}\n"))
    name = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint)(base + offset)
    made = ssl_client.SslClient.__init__

    def init(client, *arguments, **options):
        made(client, *arguments, **options)
        # What is OpenSSL's stands behind the two words that each of Python's objects begins with.
        connection = ctypes.c_void_p.from_address(id(client._ssl) + object.__basicsize__).value
        assert name(connection, ALPN_LIST, len(ALPN_LIST)) == 0

    ssl_client.SslClient.__init__ = init


if __name__ == "__main__":
    _name_our_protocol()
    from sslyze.__main__ import main
    main()
