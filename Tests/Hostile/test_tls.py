"""What the server's TLS offers, asked with the `openssl` program."""

import re
import subprocess
import unittest

from arena import Arena

SUITES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
OTHER_SUITES = ("TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256")
GROUPS = ("X25519", "P-256", "P-384")
OTHER_GROUPS = ("P-521", "X448", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192")


class Offered(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.arena = Arena()
        cls.addClassCleanup(cls.arena.close)

    def ask(self, *options, alpn="officesync/1"):
        """What `openssl s_client` says, and whether it got a connection."""
        host, port = self.arena.address
        certificate, key, _ = self.arena.credentials("amina")
        # Weak ones are to be refused by the server, not by this side.
        weak = ["-cipher", "ALL:@SECLEVEL=0"]
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"{host}:{port}", "-cert", certificate, "-key", key,
             *(["-alpn", alpn] if alpn else []), *weak, *options],
            input=b"", capture_output=True, timeout=60, check=False)
        said = (done.stdout + done.stderr).decode(errors="replace")
        suite = re.search(r"New, \S+, Cipher is (\S+)", said)
        return said, bool(suite) and suite[1] != "(NONE)"

    def check(self, is_offered, *options, **more):
        said, connected = self.ask(*options, **more)
        self.assertEqual(connected, is_offered, f"{options}: {said[-2000:]}")
        return said

    def test_versions(self):
        self.check(True, "-tls1_3")
        for version in ("-tls1", "-tls1_1", "-tls1_2"):
            self.check(False, version)

    def test_suites(self):
        for suite in SUITES:
            self.assertIn(f"Cipher is {suite}", self.check(True, "-ciphersuites", suite))
        for suite in OTHER_SUITES:
            self.check(False, "-ciphersuites", suite)

    def test_groups(self):
        for group in GROUPS:
            self.check(True, "-groups", group)
        for group in OTHER_GROUPS:
            self.check(False, "-groups", group)

    def test_no_early_data(self):
        said = self.check(True)
        self.assertNotRegex(said, r"Max Early Data: [1-9]")

    def test_no_compression_and_no_other_protocol(self):
        said = self.check(True)
        self.assertIn("Compression: NONE", said)
        self.check(False, alpn=None)
        self.check(False, alpn="h2")


if __name__ == "__main__":
    unittest.main()
