"""S3's behaviour, asked of any endpoint. Every bucket that a test makes has a name of its own."""

import functools
from urllib.parse import urlsplit

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError
from endpoints import REGION, Refusal, unique
from endpoints import Endpoint as AnyEndpoint
from endpoints import refused as AnyRefusal

from . import forms, wire


class Endpoint(AnyEndpoint):
    def client(self, service="s3", anonymous=False, style="path", **config):
        """A client that sends what it is given, once."""
        config.setdefault("s3", {"addressing_style": style})
        if anonymous:
            config["signature_version"] = UNSIGNED
        return super().client(service, **config)

    @property
    def base(self):
        return self.url or f"https://s3.{REGION}.amazonaws.com"

    def base_for(self, host):
        """The server to connect to for a Host header: AWS answers each host at its own address."""
        return f"https://{host}" if self.is_aws and host else self.base

    def virtual_host(self, bucket):
        """The Host header that names the bucket."""
        return f"{bucket}.s3.{REGION}.amazonaws.com" if self.is_aws else f"{bucket}.s3.localhost:{self.port}"

    @property
    def port(self):
        return urlsplit(self.base).port

    @property
    def netloc(self):
        return urlsplit(self.base).netloc


@pytest.fixture(scope="session")
def endpoint(endpoint_url):
    return Endpoint(endpoint_url)


@pytest.fixture(scope="session")
def s3(endpoint):
    """A client that sends what it is given: path style, no retries, checksums as botocore's default says."""
    return endpoint.client()


@pytest.fixture(scope="session")
def s3_when_required(endpoint):
    """A client that sends and checks checksums only where an operation demands one."""
    return endpoint.client(
        request_checksum_calculation="when_required", response_checksum_validation="when_required")


@pytest.fixture(scope="session")
def anonymous(endpoint):
    """A client without credentials."""
    return endpoint.client(anonymous=True)


@pytest.fixture
def raw(endpoint):
    """raw(method, path, ...) -> Answer: a request made by hand; see wire.send."""
    return functools.partial(wire.send, endpoint)


@pytest.fixture
def form(endpoint, bucket):
    """form(...) -> a browser's form for a new bucket; see forms.Form."""
    return functools.partial(forms.Form, endpoint, bucket)


@pytest.fixture
def make_bucket(s3):
    """make_bucket(**CreateBucket parameters) -> name of a new bucket, emptied and deleted after the test."""
    made = []

    def make(**parameters):
        name = parameters.pop("Bucket", None) or unique()
        if REGION != "us-east-1":
            parameters.setdefault("CreateBucketConfiguration", {"LocationConstraint": REGION})
        s3.create_bucket(Bucket=name, **parameters)
        made.append(name)
        return name

    yield make
    for name in made:
        drop(s3, name)


@pytest.fixture
def bucket(make_bucket):
    """A new bucket, versioning never configured."""
    return make_bucket()


@pytest.fixture
def versioned_bucket(s3, make_bucket):
    """A new bucket with versioning enabled."""
    name = make_bucket()
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.fixture
def open_bucket(s3, bucket):
    """A new bucket without a public access block."""
    s3.delete_public_access_block(Bucket=bucket)
    return bucket


@pytest.fixture
def acl_bucket(s3, make_bucket):
    """A new bucket in which access control lists count, without a public access block."""
    name = make_bucket(ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)
    return name


def entries(s3, name):
    """Every version and delete marker of a bucket, as DeleteObjects takes them."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        for entry in page.get("Versions", []) + page.get("DeleteMarkers", []):
            yield {"Key": entry["Key"], "VersionId": entry["VersionId"]}


def drop(s3, name):
    """Empties and deletes a bucket. What a lock or a policy of the test protects stays behind."""
    try:
        for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=name):
            for upload in page.get("Uploads", []):
                s3.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
        for entry in entries(s3, name):
            drop_version(s3, name, entry)
        s3.delete_bucket(Bucket=name)
    except ClientError:
        pass


def drop_version(s3, name, entry):
    try:
        s3.delete_object(Bucket=name, **entry)
    except ClientError:
        held = {"Bucket": name, **entry}
        s3.put_object_legal_hold(LegalHold={"Status": "OFF"}, **held)
        s3.delete_object(BypassGovernanceRetention=True, **held)


class refused(AnyRefusal):
    """with refused("NoSuchKey", 404, "part of the text") as refusal: ...

    An answer to HEAD has no document: there the code is the status as text.
    """

    def __init__(self, code, status, *texts):
        super().__init__(code, *texts, status=status)


def error_of(call):
    """The Refusal of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call()
    return Refusal().fill(caught.value.response)
