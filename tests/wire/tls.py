"""Certificates of a CA of the test's own, and servers that show them."""

import ssl
import subprocess

from chat import PATIENCE, ChatServer


class Authority:
    """A CA in a folder."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.certificate = folder / "ca.crt"
        self.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3 -subj /CN=tests"
            " -keyout ca.key -out ca.crt"
        )

    def openssl(self, words):
        subprocess.run(["openssl", *words.split()], cwd=self.folder, check=True, capture_output=True)

    def certify(self, name, *hosts, days=2, key="ec -pkeyopt ec_paramgen_curve:P-256"):
        """The files NAME.crt and NAME.key, for these hosts, or for this one."""
        names = [f"IP:{x}" if x[0].isdigit() else f"DNS:{x}" for x in hosts or ("localhost", "127.0.0.1")]
        (self.folder / "names").write_text("subjectAltName=" + ",".join(names))
        self.openssl(f"req -newkey {key} -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr")
        self.openssl(
            f"x509 -req -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days {days}"
            f" -extfile names -out {name}.crt"
        )
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"

    def trust(self, **options):
        """A client's context that believes this CA."""
        context = ssl.create_default_context(cafile=self.certificate)
        for name, value in options.items():
            setattr(context, name, value)
        return context


class TlsServer(ChatServer):
    """The conformance app with TLS: `https` and `wss`."""

    program = "dcrf-conformance"
    scheme = "https"

    def __init__(self, database, authority, *options, certificate=None):
        self.authority = authority
        self.tls = authority.trust()
        self.certificate, self.key = certificate or authority.certify("server")
        super().__init__(
            database, f"--certificate={self.certificate}", f"--certificate-key={self.key}", *options
        )

    def s_client(self, *words, text=""):
        """What `openssl s_client` says about the server, and what it gets from it."""
        return subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-CAfile",
             self.authority.certificate, *words],
            input=text, capture_output=True, text=True, timeout=PATIENCE,
        )
