"""Object Lock for tests."""

import datetime

MISSING = "Bucket is missing Object Lock Configuration"
PROTECTED = "Access Denied because object protected by object lock."


def soon(seconds=3600):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.replace(microsecond=0)


def put(s3, bucket, **more):
    """Puts the object `k`; its version."""
    return s3.put_object(Bucket=bucket, Key="k", Body=b"x", **more)["VersionId"]


def governed(seconds=3600):
    return {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": soon(seconds)}


def retain(s3, bucket, version, mode="GOVERNANCE", until=None, **more):
    return s3.put_object_retention(
        Bucket=bucket, Key="k", VersionId=version,
        Retention={"Mode": mode, "RetainUntilDate": until or soon()}, **more)


def retention(s3, bucket, version):
    return s3.get_object_retention(Bucket=bucket, Key="k", VersionId=version)["Retention"]


def configure(s3, bucket, **default):
    s3.put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": default}})
