"""What tests of encryption send: keys of the client, rules of buckets."""

import base64
import hashlib
import os

KEY = os.urandom(32)
OTHER = os.urandom(32)
NOT_READABLE = "The object was stored using a form of Server Side Encryption. The correct parameters must be provided"


def customer(key=KEY, prefix=""):
    """boto3's parameters for a key of the client's; botocore adds the MD5."""
    return {f"{prefix}SSECustomerAlgorithm": "AES256", f"{prefix}SSECustomerKey": key}


def headers_of(key=KEY, algorithm="AES256", md5=None):
    prefix = "x-amz-server-side-encryption-customer-"
    return {
        prefix + "algorithm": algorithm,
        prefix + "key": base64.b64encode(key).decode(),
        prefix + "key-MD5": md5 or base64.b64encode(hashlib.md5(key).digest()).decode(),
    }


def rule(algorithm, key=None, bucket_key=None, blocked=None):
    by_default = {"SSEAlgorithm": algorithm}
    if key:
        by_default["KMSMasterKeyID"] = key
    found = {"ApplyServerSideEncryptionByDefault": by_default}
    if bucket_key is not None:
        found["BucketKeyEnabled"] = bucket_key
    if blocked:
        found["BlockedEncryptionTypes"] = {"EncryptionType": blocked}
    return {"Rules": [found]}


def put_rule(s3, bucket, *arguments, **named):
    s3.put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration=rule(*arguments, **named))
