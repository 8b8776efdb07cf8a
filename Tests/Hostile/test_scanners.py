"""What testssl.sh and sslyze find, where they are installed."""

import importlib.util
import unittest

import scanners
from arena import Arena
from test_tls import SUITES

#: As OpenSSL and as sslyze call the three groups.
TESTSSL_GROUPS = {"X25519", "prime256v1", "secp384r1"}
SSLYZE_GROUPS = {"X25519", "secp256r1", "secp384r1"}


class Patient(Arena):
    """A scanner may think longer than an attack is given."""

    SETTINGS = "handshake-timeout = 30\ntimeout = 30\n"


class Scanned(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.arena = Patient()
        cls.addClassCleanup(cls.arena.close)

    @unittest.skipUnless(scanners.TESTSSL, "testssl.sh is not installed: apt-get install testssl.sh")
    def test_testssl(self):
        found = scanners.testssl(self.arena)
        bad = [one for one in found if one[1] not in ("OK", "INFO", "DEBUG")]
        self.assertEqual(bad, [])

        said = {name: words for name, _, words in found}
        self.assertIn("offered with final", said["TLS1_3"])
        for version in ("SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2"):
            self.assertEqual(said[version], "not offered")
        ciphers = {words.split()[-1] for name, words in said.items() if name.startswith("cipher-")}
        self.assertEqual(ciphers, set(SUITES))
        self.assertEqual(set(said["PFS_ECDHE_curves"].split()), TESTSSL_GROUPS)
        self.assertNotIn("DHE_groups", said)
        for weakness in ("heartbleed", "CCS", "ROBOT", "FREAK", "DROWN", "LOGJAM", "BEAST", "LUCKY13", "RC4"):
            self.assertIn(weakness, said)

    @unittest.skipUnless(importlib.util.find_spec("sslyze"), "sslyze is not installed: pip install sslyze")
    def test_sslyze(self):
        found = scanners.sslyze(self.arena)
        for version in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2"):
            self.assertEqual(found[f"{version}_cipher_suites"]["accepted_cipher_suites"], [])
        accepted = found["tls_1_3_cipher_suites"]["accepted_cipher_suites"]
        self.assertEqual({one["cipher_suite"]["name"] for one in accepted}, set(SUITES))
        self.assertEqual({one["name"] for one in found["elliptic_curves"]["supported_curves"]}, SSLYZE_GROUPS)
        self.assertFalse(found["tls_compression"]["supports_compression"])
        self.assertFalse(found["openssl_ccs_injection"]["is_vulnerable_to_ccs_injection"])
        self.assertFalse(found["heartbleed"]["is_vulnerable_to_heartbleed"])
        self.assertEqual(found["robot"]["robot_result"], "NOT_VULNERABLE_RSA_NOT_SUPPORTED")
        self.assertFalse(found["session_renegotiation"]["is_vulnerable_to_client_renegotiation_dos"])


if __name__ == "__main__":
    unittest.main()
