"""Multipart uploads for tests."""

import base64
import hashlib
import zlib

MIB = 1 << 20
LARGE = b"x" * 5 * MIB


class Upload:
    """A multipart upload of the object `k`."""

    def __init__(self, s3, bucket, key="k", **more):
        self.s3, self.bucket, self.key, self.tags = s3, bucket, key, {}
        self.begun = s3.create_multipart_upload(Bucket=bucket, Key=key, **more)
        self.id = self.begun["UploadId"]
        self.name = {"Bucket": bucket, "Key": key, "UploadId": self.id}

    def part(self, number, body, **more):
        answer = self.s3.upload_part(PartNumber=number, Body=body, **self.name, **more)
        self.tags[number] = answer["ETag"]
        return answer

    def complete(self, *parts, **more):
        """With the given parts (numbers, or dictionaries), by default with all in order."""
        listed = [
            part if isinstance(part, dict) else {"PartNumber": part, "ETag": self.tags[part]}
            for part in parts or sorted(self.tags)]
        return self.s3.complete_multipart_upload(MultipartUpload={"Parts": listed}, **self.name, **more)

    def body(self):
        return self.s3.get_object(Bucket=self.bucket, Key=self.key)["Body"].read()

    def parts(self, **more):
        return self.s3.list_parts(**self.name, **more)


def etag(*bodies):
    joined = b"".join(hashlib.md5(body).digest() for body in bodies)
    return f'"{hashlib.md5(joined).hexdigest()}-{len(bodies)}"'


def crc32(body):
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def copy_part(upload, source, number=1, **more):
    answer = upload.s3.upload_part_copy(CopySource=source, PartNumber=number, **upload.name, **more)
    upload.tags[number] = answer["CopyPartResult"]["ETag"]
    return answer
