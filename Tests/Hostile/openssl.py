"""Certificates that no authority should issue, made with `openssl`; and TLS that Python's `ssl` does not speak, with its library."""

import ctypes
import ctypes.util
import os
import subprocess
import time

from arena import ALPN_LIST


def run(*arguments, input=None):
    subprocess.run(["openssl", *arguments], input=input, check=True, capture_output=True, encoding="utf-8")


def key(arena, name="odd"):
    path = arena.path(name + ".key")
    if not os.path.exists(path):
        run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
        os.chmod(path, 0o600)
    return path


def authority(arena, name, subject="/O=Test/CN=Another", issuer=None, constraints=None):
    """A root, or an authority below another. Returns the prefix of its files."""
    path = arena.path(name)
    extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
    if constraints:
        extensions += f"nameConstraints=critical,{constraints}\n"
    _sign(path + ".pem", key(arena, name), subject, extensions, issuer)
    return path


def certificate(arena, name, uris, issuer=None, more="", usage="clientAuth", subject="/CN=odd", span=None):
    """Signed by the organisation unless told otherwise, for two days or from one moment to another (seconds since 1970). Returns certificate
    and key."""
    names = [f"URI.{number}={uri}" for number, uri in enumerate(uris)] + more.split()
    extensions = f"basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage={usage}\n"
    if names:
        extensions += "subjectAltName=@names\n[names]\n" + "\n".join(names) + "\n"
    path = arena.path(f"{name}-odd.pem")
    issuer = issuer or arena.path("ca", "ca")
    if span:
        _sign_for(span, arena, path, key(arena), subject, extensions, issuer)
    else:
        _sign(path, key(arena), subject, extensions, issuer)
    return path, key(arena)


def chain(leaf, *authorities):
    """Puts the certificates of authorities behind one's own."""
    with open(leaf, "a", encoding="ascii") as out:
        for one in authorities:
            with open(one + ".pem", encoding="ascii") as file:
                out.write(file.read())


def _sign(path, key_path, subject, extensions, issuer):
    with open(path + ".ext", "w", encoding="utf-8") as file:
        file.write(extensions)
    run("req", "-new", "-key", key_path, "-subj", subject, "-out", path + ".csr")
    by = ["-CA", issuer + ".pem", "-CAkey", issuer + ".key"] if issuer else ["-signkey", key_path]
    run("x509", "-req", "-in", path + ".csr", *by, "-set_serial", str(int.from_bytes(os.urandom(8), "big")),
        "-days", "2", "-extfile", path + ".ext", "-out", path)


def _sign_for(span, arena, path, key_path, subject, extensions, issuer):
    """`openssl x509` knows no beginning but now."""
    first, last = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(moment)) for moment in span)
    with open(path + ".cnf", "w", encoding="utf-8") as file:
        file.write(f"[ca]\ndefault_ca=own\n[own]\ndatabase={path}.index\nnew_certs_dir={arena.path()}\nrand_serial=yes\n"
                   "default_md=sha256\npolicy=any\nunique_subject=no\nx509_extensions=said\n[any]\ncommonName=optional\n"
                   f"[said]\n{extensions}")
    with open(path + ".index", "w", encoding="utf-8"):
        pass
    run("req", "-new", "-key", key_path, "-subj", subject, "-out", path + ".csr")
    run("ca", "-batch", "-notext", "-config", path + ".cnf", "-cert", issuer + ".pem", "-keyfile", issuer + ".key",
        "-in", path + ".csr", "-out", path, "-startdate", first, "-enddate", last)


_ssl = ctypes.CDLL(ctypes.util.find_library("ssl"))
_crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for _name in ("TLS_client_method", "SSL_CTX_new", "SSL_new"):
    getattr(_ssl, _name).restype = ctypes.c_void_p
SET_GROUPS_LIST, UPDATE_REQUESTED = 92, 1


class Client:
    """A blocking client over OpenSSL itself."""

    def __init__(self, connection, credentials, groups=None):
        self.socket = connection
        self.context = ctypes.c_void_p(_ssl.SSL_CTX_new(ctypes.c_void_p(_ssl.TLS_client_method())))
        certificate_path, key_path = (part.encode() for part in credentials[:2])
        assert _ssl.SSL_CTX_use_certificate_chain_file(self.context, certificate_path) == 1
        assert _ssl.SSL_CTX_use_PrivateKey_file(self.context, key_path, 1) == 1
        if groups:
            assert _ssl.SSL_CTX_ctrl(self.context, SET_GROUPS_LIST, ctypes.c_long(0), groups.encode()) == 1
        assert _ssl.SSL_CTX_set_alpn_protos(self.context, ALPN_LIST, len(ALPN_LIST)) == 0
        self.tls = ctypes.c_void_p(_ssl.SSL_new(self.context))
        # Of Python's timeout OpenSSL would see a socket that does not block.
        self.socket.settimeout(None)
        assert _ssl.SSL_set_fd(self.tls, self.socket.fileno()) == 1

    def connect(self):
        return _ssl.SSL_connect(self.tls) == 1

    def write(self, data):
        return _ssl.SSL_write(self.tls, data, len(data)) == len(data)

    def read(self):
        """What comes; None at the end."""
        buffer = ctypes.create_string_buffer(65_536)
        count = _ssl.SSL_read(self.tls, buffer, len(buffer))
        return buffer.raw[:count] if count > 0 else None

    def update_keys(self):
        return _ssl.SSL_key_update(self.tls, UPDATE_REQUESTED) == 1 and _ssl.SSL_do_handshake(self.tls) == 1

    def close(self):
        # Python would take what is left there for its own.
        _crypto.ERR_clear_error()
        _ssl.SSL_free(self.tls)
        _ssl.SSL_CTX_free(self.context)
        self.socket.close()


def subject(path):
    """A certificate's, as `-subj` takes it."""
    done = subprocess.run(["openssl", "x509", "-in", path, "-noout", "-subject", "-nameopt", "compat"],
                          check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip().partition("subject=")[2]
