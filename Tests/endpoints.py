"""Any server that speaks AWS's protocols, to be asked how it behaves."""

import itertools
import os
import uuid

import boto3
from botocore.config import Config

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
