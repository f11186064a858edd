"""Which documents S3 takes without a digest of them."""

import base64
import hashlib

import pytest

NO_DIGEST = {
    "logging": "<BucketLoggingStatus/>",
    "requestPayment": "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
    "versioning": "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    "website": "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>",
}


@pytest.mark.parametrize("query", sorted(NO_DIGEST))
def test_documents_that_need_no_digest(raw, bucket, query):
    assert raw("PUT", f"/{bucket}?{query}", body=NO_DIGEST[query].encode()).status == 200


@pytest.mark.parametrize("query", sorted(NO_DIGEST))
def test_a_digest_that_is_sent_all_the_same_is_checked(raw, bucket, query):
    digest = base64.b64encode(hashlib.md5(b"another").digest()).decode()
    answer = raw("PUT", f"/{bucket}?{query}", {"Content-MD5": digest}, NO_DIGEST[query].encode())
    answer.is_error("BadDigest", 400)


@pytest.mark.parametrize("query", ["cors", "lifecycle", "tagging", "object-lock"])
def test_documents_that_need_a_digest(raw, make_bucket, query):
    name = make_bucket(ObjectLockEnabledForBucket=query == "object-lock")
    answer = raw("PUT", f"/{name}?{query}", body=b"<Document/>")
    answer.is_error("InvalidRequest", 400, "Missing required header for this request: Content-MD5")
