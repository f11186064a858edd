"""Lifecycle rules for tests."""

import datetime

UTC = datetime.timezone.utc
DATE = datetime.datetime(2031, 1, 1, tzinfo=UTC)


def rule(**members):
    """A valid rule, changed."""
    given = {"ID": "rule", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}
    given.update(members)
    return {name: value for name, value in given.items() if value is not None}


def put(s3, bucket, *rules, **more):
    return s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)}, **more)


def get(s3, bucket):
    return s3.get_bucket_lifecycle_configuration(Bucket=bucket)
