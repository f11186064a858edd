"""Endpoints of other regions: behind one address, the region of the signature names the endpoint."""

import pytest
from botocore.config import Config

from .conftest import REGION, refused, unique

ELSEWHERE = [region for region in ("eu-west-1", "us-west-1", "ap-southeast-2") if region != REGION]


def client_of(endpoint, region):
    return endpoint.session.client(
        "s3", endpoint_url=endpoint.url, region_name=region, config=Config(retries={"max_attempts": 1}))


@pytest.mark.parametrize("region", ELSEWHERE)
def test_buckets_are_listed_at_every_endpoint(endpoint, bucket, region):
    assert bucket in [found["Name"] for found in client_of(endpoint, region).list_buckets()["Buckets"]]


@pytest.mark.parametrize("region", ELSEWHERE)
def test_another_endpoint_makes_no_bucket_without_a_location(endpoint, region):
    with refused(
        "IllegalLocationConstraintException", 400,
        "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."
    ):
        client_of(endpoint, region).create_bucket(Bucket=unique())


@pytest.mark.parametrize("region", ELSEWHERE)
def test_another_endpoint_makes_buckets_in_its_own_region_alone(endpoint, region):
    with refused(
        "IllegalLocationConstraintException", 400,
        "The eu-central-1 location constraint is incompatible for the region specific endpoint this request was sent to."
    ):
        client_of(endpoint, region).create_bucket(
            Bucket=unique(), CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})


@pytest.mark.parametrize("region", ELSEWHERE)
def test_another_endpoint_makes_a_bucket_in_its_region(endpoint, s3, region):
    name = unique()
    client_of(endpoint, region).create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    try:
        assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == region
    finally:
        s3.delete_bucket(Bucket=name)


@pytest.mark.parametrize("region", ELSEWHERE)
def test_the_signature_for_another_region_is_judged_as_well(raw, region):
    raw("GET", "/", region=region, secret="wrong").is_error("SignatureDoesNotMatch", 403)
    raw("PUT", f"/{unique()}", region=region, secret="wrong").is_error("SignatureDoesNotMatch", 403)


@pytest.mark.parametrize("method, path", [
    ("GET", "/{}"), ("GET", "/{}/k"), ("HEAD", "/{}"), ("PUT", "/{}/k"), ("PUT", "/{}?tagging"), ("DELETE", "/{}")])
def test_one_buckets_requests_are_signed_for_its_region(raw, bucket, method, path):
    assert raw("GET", "/", region=ELSEWHERE[0]).status == 200
    answer = raw(method, path.format(bucket), region=ELSEWHERE[0], body=b"x" if method == "PUT" else b"")
    assert answer.status == 400
    if method != "HEAD":
        assert answer.is_error("AuthorizationHeaderMalformed", 400)["Region"] == REGION
