"""Bearer tokens, and the keys that sign them."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import time


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Secret:
    """A key for HS256."""

    algorithm = "HS256"

    def __init__(self, kid, secret=None):
        self.kid = kid
        self.secret = secret or os.urandom(32)

    def jwk(self):
        return {"kty": "oct", "kid": self.kid, "k": base64url(self.secret)}

    def sign(self, text):
        return hmac.digest(self.secret, text, hashlib.sha256)


class Rsa:
    """A key for RS256, made and used by the program openssl."""

    algorithm = "RS256"

    def __init__(self, kid, folder):
        self.kid = kid
        self.file = folder / f"{kid}.pem"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.file)

    def jwk(self):
        shown = openssl("rsa", "-in", self.file, "-noout", "-modulus")
        modulus = bytes.fromhex(shown.decode().strip().removeprefix("Modulus="))
        return {"kty": "RSA", "kid": self.kid, "alg": "RS256", "use": "sig", "n": base64url(modulus), "e": "AQAB"}

    def public_pem(self):
        return openssl("rsa", "-in", self.file, "-pubout")

    def sign(self, text):
        return openssl("dgst", "-sha256", "-sign", self.file, "-binary", text=text)


def openssl(*words, text=b""):
    return subprocess.run(["openssl", *words], input=text, capture_output=True, check=True).stdout


def token(key, header=None, **claims):
    """One that is good for a minute, but for what is said here; None leaves a claim out."""
    head = {"alg": key.algorithm, "kid": key.kid, **(header or {})}
    body = {"iss": "conformance", "aud": "dcrf", "sub": "ann", "exp": int(time.time()) + 60, **claims}
    body = {name: value for name, value in body.items() if value is not None}
    text = ".".join(base64url(json.dumps(x).encode()) for x in (head, body))
    return f"{text}.{base64url(key.sign(text.encode()))}"


def write_keys(path, *keys):
    """Replaces the file, as whoever rotates keys does."""
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps({"keys": [x.jwk() for x in keys]}))
    beside.rename(path)
