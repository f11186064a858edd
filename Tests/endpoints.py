"""Any server that speaks AWS's protocols, to be asked how it behaves."""

import itertools
import os
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = os.environ.get("AWS_REGION", "us-east-1")

_numbers = itertools.count()
_run = uuid.uuid4().hex[:8]


def unique(prefix="t"):
    """A name that no other test uses, for a table or a bucket."""
    return f"{prefix}-{_run}-{os.getpid()}-{next(_numbers)}"


class Endpoint:
    """Where the tests send their requests; without a URL, to AWS with the credentials of the environment."""

    region = REGION

    def __init__(self, url):
        self.url = url
        self.is_aws = url is None
        self.session = boto3.Session() if self.is_aws else boto3.Session("test", "test", region_name=REGION)

    def client(self, service, **config):
        """A client that sends what it is given, once."""
        config.setdefault("retries", {"max_attempts": 1, "mode": "standard"})
        return self.session.client(
            service, endpoint_url=self.url, region_name=REGION,
            config=Config(parameter_validation=False, **config))


class Refusal:
    """A refused request. `elements` are the error document's further elements, None until the block ends."""
    code = status = message = elements = response = None

    def fill(self, response):
        self.response = response
        self.status = response["ResponseMetadata"]["HTTPStatusCode"]
        self.headers = response["ResponseMetadata"]["HTTPHeaders"]
        self.elements = dict(response["Error"])
        self.code = self.elements.pop("Code")
        self.message = self.elements.pop("Message", None)
        return self


class refused:
    """with refused("ValidationException", "part of the text") as refusal: ..."""

    def __init__(self, code, *texts, status=None):
        self.code, self.status, self.texts, self.refusal = code, status, texts, Refusal()

    def __enter__(self):
        return self.refusal

    def __exit__(self, kind, error, trace):
        assert kind is not None, f"expected {self.code}, but the request was accepted"
        if not isinstance(error, ClientError):
            return False
        self.refusal.fill(error.response)
        assert self.refusal.code == self.code, f"{self.refusal.code}: {self.refusal.message}"
        assert self.status in (None, self.refusal.status), f"{self.refusal.status}: {self.refusal.message}"
        for text in self.texts:
            assert text in self.refusal.message, f"{text!r} is not in {self.refusal.message!r}"
        return True
