"""An issuer of JSON Web Tokens on this machine: keys, tokens, and the pages that say where its keys are."""

import base64
import json
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from listening import Handler, Server

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, length=None):
    return encoded(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


class RSAKey:
    def __init__(self, kid):
        self.kid, self.key = kid, rsa.generate_private_key(public_exponent=65_537, key_size=2_048)

    def jwk(self):
        numbers = self.key.public_key().public_numbers()
        return {"kty": "RSA", "kid": self.kid, "use": "sig", "n": number(numbers.n), "e": number(numbers.e)}

    def sign(self, algorithm, message):
        return self.key.sign(message, padding.PKCS1v15(), HASHES[algorithm[2:]])


class ECKey:
    def __init__(self, kid):
        self.kid, self.key = kid, ec.generate_private_key(ec.SECP256R1())

    def jwk(self):
        numbers = self.key.public_key().public_numbers()
        return {
            "kty": "EC", "crv": "P-256", "kid": self.kid, "use": "sig", "x": number(numbers.x, 32),
            "y": number(numbers.y, 32)}

    def sign(self, algorithm, message):
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(HASHES[algorithm[2:]])))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Issuer(Server):
    """A server with `/.well-known/openid-configuration` and `/keys`. `asked` counts requests by path."""

    def __init__(self):
        self.rsa, self.ec, self.asked, self.answers = RSAKey("rsa-1"), ECKey("ec-1"), {}, {}
        issuer = self

        class Pages(Handler):
            def do_GET(self):
                issuer.asked[self.path] = issuer.asked.get(self.path, 0) + 1
                self.answer(*issuer.answer(self.path))

        super().__init__(Pages)

    def answer(self, path):
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps({"issuer": self.url, "jwks_uri": self.url + "/keys"}).encode()
        if path == "/keys":
            return 200, json.dumps(self.key_set()).encode()
        return 404, b"{}"

    def key_set(self):
        return {"keys": [{"kty": "oct", "kid": "other", "k": "AAAA"}, self.rsa.jwk(), self.ec.jwk()]}

    def claims(self, **changes):
        """Claims that hold; a change to None leaves one out."""
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": "one", "sub": "me", "exp": now + 3_600, "iat": now - 10, "nbf": now - 10, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, algorithm="RS256", key=None, header=None, **changes):
        key = key or (self.ec if algorithm.startswith("ES") else self.rsa)
        head = {"alg": algorithm, "kid": key.kid, "typ": "JWT", **(header or {})}
        head = {name: value for name, value in head.items() if value is not None}
        message = f"{encoded(json.dumps(head).encode())}.{encoded(json.dumps(self.claims(**changes)).encode())}"
        return f"{message}.{encoded(key.sign(algorithm, message.encode()))}"
