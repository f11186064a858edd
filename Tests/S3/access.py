"""What the tests about permissions share."""

import contextlib
import json

import boto3

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"


def arn(bucket, key=None):
    return f"arn:aws:s3:::{bucket}" + (f"/{key}" if key is not None else "")


def statement(effect, action, resource, principal="*", **more):
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource, **more}


def document(*statements, version="2012-10-17"):
    return json.dumps({"Version": version, "Statement": list(statements)})


def put_policy(s3, bucket, *statements, **more):
    s3.put_bucket_policy(Bucket=bucket, Policy=document(*statements, **more))


def allow_all(s3, bucket, *actions, resource=None, **more):
    """Lets the world do the actions on all objects."""
    put_policy(s3, bucket, statement("Allow", list(actions), resource or arn(bucket, "*"), **more))


@contextlib.contextmanager
def policy(s3, bucket, *statements, **more):
    """A policy for as long as the block runs: one that denies much would keep the bucket from being emptied."""
    put_policy(s3, bucket, *statements, **more)
    try:
        yield
    finally:
        s3.delete_bucket_policy(Bucket=bucket)


def account(endpoint):
    """The account of the credentials."""
    if endpoint.is_aws:
        return boto3.client("sts").get_caller_identity()["Account"]
    return "000000000000"


def owner(s3, bucket):
    return s3.get_bucket_acl(Bucket=bucket)["Owner"]["ID"]
