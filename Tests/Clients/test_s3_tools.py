"""The tools that people use with S3, unchanged, against the emulator. Whatever goes up comes back the same, by
digest, under every name."""

import io
import json
import os
import random
import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from boto3.s3.transfer import TransferConfig
from running import until

from .s3_commands import aws, curl, rclone, s3cmd, s5cmd  # noqa: F401, fixtures
from .trees import MIB, bucket_digests, change, digest, digests, odd_tree, random_file, write


@pytest.fixture
def bucket(s3):
    name = f"tools-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return str(odd_tree(tmp_path_factory.mktemp("tree"), seed=20))


def keys(s3, bucket):
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


class TestAWSCLI:
    def test_sync_both_ways_with_deletes(self, aws, s3, bucket, tmp_path):
        here, back = odd_tree(tmp_path / "here", seed=21), tmp_path / "back"
        aws("s3", "sync", here, f"s3://{bucket}/t")
        assert bucket_digests(s3, bucket, "t/") == digests(here)
        assert aws("s3", "sync", here, f"s3://{bucket}/t") == "", "nothing has changed"
        aws("s3", "sync", f"s3://{bucket}/t", back)
        assert digests(back) == digests(here)
        expected = change(here)
        said = aws("s3", "sync", here, f"s3://{bucket}/t", "--delete", "--no-progress")
        assert sorted(line.split(":")[0] for line in said.splitlines() if line) == ["delete", "upload", "upload"]
        assert bucket_digests(s3, bucket, "t/") == expected
        aws("s3", "sync", f"s3://{bucket}/t", back, "--delete", "--exact-timestamps")
        assert digests(back) == expected

    def test_cp_streams(self, aws, bucket):
        body = random.Random(2).randbytes(9 * MIB)
        aws("s3", "cp", "-", f"s3://{bucket}/stream", send=body)
        assert aws("s3", "cp", f"s3://{bucket}/stream", "-", raw=True) == body

    def test_cp_recursive_with_filters(self, aws, s3, bucket, tmp_path):
        for name in ("a.txt", "b.log", "c/d.txt"):
            write(tmp_path / "src" / name, name.encode())
        aws("s3", "cp", tmp_path / "src", f"s3://{bucket}/", "--recursive", "--exclude", "*", "--include", "*.txt")
        assert keys(s3, bucket) == ["a.txt", "c/d.txt"]

    def test_cp_carries_headers_and_metadata(self, aws, s3, bucket):
        aws("s3", "cp", "-", f"s3://{bucket}/a", "--content-type", "text/x-mine", "--cache-control", "max-age=9",
            "--content-disposition", "attachment", "--metadata", "who=me,colour=green",
            "--storage-class", "STANDARD_IA", send=b"x")
        aws("s3", "cp", f"s3://{bucket}/a", f"s3://{bucket}/b")
        for key in ("a", "b"):
            head = s3.head_object(Bucket=bucket, Key=key)
            assert head["Metadata"] == {"who": "me", "colour": "green"}
            assert (head["ContentType"], head["CacheControl"]) == ("text/x-mine", "max-age=9")
            assert head["ContentDisposition"] == "attachment"
        assert s3.head_object(Bucket=bucket, Key="a")["StorageClass"] == "STANDARD_IA"

    def test_presign(self, aws, s3, bucket, curl):
        s3.put_object(Bucket=bucket, Key="odd +%41 ü", Body=b"for everyone")
        url = aws("s3", "presign", f"s3://{bucket}/odd +%41 ü").strip()
        assert curl("--fail", url) == "for everyone"
        assert "SignatureDoesNotMatch" in curl(url.replace("odd", "even"))
        short = aws("s3", "presign", f"s3://{bucket}/odd +%41 ü", "--expires-in", "1").strip()
        until(lambda: "Request has expired" in curl(short), "the end of the URL's time")

    def test_rm_recursive_takes_only_what_it_names(self, aws, s3, bucket):
        for key in ("a/1", "a/2 +%", "a/b/3", "ab", "c"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"")
        aws("s3", "rm", f"s3://{bucket}/a/", "--recursive")
        assert keys(s3, bucket) == ["ab", "c"]
        aws("s3", "rm", f"s3://{bucket}/c")
        assert keys(s3, bucket) == ["ab"]

    def test_mv(self, aws, s3, bucket, tmp_path):
        write(tmp_path / "src" / "one +.txt", b"1")
        write(tmp_path / "src" / "two", b"2")
        before = digests(tmp_path / "src")
        aws("s3", "mv", tmp_path / "src", f"s3://{bucket}/up", "--recursive")
        assert digests(tmp_path / "src") == {}
        aws("s3", "mv", f"s3://{bucket}/up", f"s3://{bucket}/moved to", "--recursive")
        assert keys(s3, bucket) == ["moved to/one +.txt", "moved to/two"]
        aws("s3", "mv", f"s3://{bucket}/moved to", tmp_path / "down", "--recursive")
        assert digests(tmp_path / "down") == before and keys(s3, bucket) == []

    def test_mb_and_rb(self, aws, s3):
        name = f"made-{uuid.uuid4()}"
        aws("s3", "mb", f"s3://{name}")
        assert name in aws("s3", "ls")
        s3.put_object(Bucket=name, Key="k", Body=b"")
        assert "BucketNotEmpty" in aws("s3", "rb", f"s3://{name}", ok=False)
        aws("s3", "rb", f"s3://{name}", "--force")
        assert name not in aws("s3", "ls")

    def test_ls_recursive_summarize(self, aws, s3, bucket):
        for number in range(5):
            s3.put_object(Bucket=bucket, Key=f"d{number % 2}/k {number}", Body=b"x" * 1000)
        said = aws("s3", "ls", f"s3://{bucket}", "--recursive", "--summarize")
        assert re.search(r"Total Objects: 5\s+Total Size: 5000", said)
        assert re.findall(r"PRE (\S+)", aws("s3", "ls", f"s3://{bucket}")) == ["d0/", "d1/"]

    def test_300_mb_in_parts(self, aws, s3, bucket, tmp_path):
        sum_ = random_file(tmp_path / "big", 300_000_000)
        aws("s3", "cp", tmp_path / "big", f"s3://{bucket}/big", seconds=300)
        assert s3.head_object(Bucket=bucket, Key="big")["ETag"].endswith('-36"')
        os.remove(tmp_path / "big")
        aws("s3", "cp", f"s3://{bucket}/big", tmp_path / "back", seconds=300)
        assert digest(tmp_path / "back") == sum_

    def test_s3api_pages(self, aws, s3, bucket):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: s3.put_object(Bucket=bucket, Key=f"k{n:02d}", Body=b""), range(25)))
        asked = ["s3api", "list-objects-v2", "--bucket", bucket, "--page-size", "4", "--output", "json"]
        whole = json.loads(aws(*asked))
        assert [entry["Key"] for entry in whole["Contents"]] == [f"k{n:02d}" for n in range(25)]
        first = json.loads(aws(*asked, "--max-items", "10"))
        rest = json.loads(aws(*asked, "--starting-token", first["NextToken"]))
        assert len(first["Contents"]) == 10 and first["Contents"] + rest["Contents"] == whole["Contents"]

    def test_s3api_multipart_by_hand(self, aws, s3, bucket, tmp_path):
        write(tmp_path / "part", b"p" * (5 * MIB))
        at = ["--bucket", bucket, "--key", "k"]
        upload = json.loads(aws("s3api", "create-multipart-upload", *at))["UploadId"]
        at += ["--upload-id", upload]
        tags = [json.loads(aws(
            "s3api", "upload-part", *at, "--part-number", number, "--body", tmp_path / "part"))["ETag"]
            for number in (1, 2)]
        assert len(json.loads(aws("s3api", "list-parts", *at))["Parts"]) == 2
        parts = {"Parts": [{"ETag": tag, "PartNumber": number + 1} for number, tag in enumerate(tags)]}
        aws("s3api", "complete-multipart-upload", *at, "--multipart-upload", json.dumps(parts))
        assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 10 * MIB


class TestS3cmd:
    def test_put_get_and_delete(self, s3cmd, s3, bucket, tmp_path):
        write(tmp_path / "file", b"content")
        address = f"s3://{bucket}/a +%41 ü"
        s3cmd("put", tmp_path / "file", address)
        assert s3.get_object(Bucket=bucket, Key="a +%41 ü")["Body"].read() == b"content"
        s3cmd("get", address, tmp_path / "back")
        assert digest(tmp_path / "back") == digest(tmp_path / "file")
        s3cmd("del", address)
        assert keys(s3, bucket) == []
        assert "does not exist" in s3cmd("get", address, tmp_path / "none", ok=False)

    def test_sync_both_ways_with_deletes(self, s3cmd, s3, bucket, tmp_path):
        here, back = odd_tree(tmp_path / "here", seed=22), tmp_path / "back"
        back.mkdir()
        s3cmd("sync", f"{here}/", f"s3://{bucket}/t/")
        assert bucket_digests(s3, bucket, "t/") == digests(here)
        s3cmd("sync", f"s3://{bucket}/t/", f"{back}/")
        assert digests(back) == digests(here)
        expected = change(here)
        s3cmd("sync", "--delete-removed", f"{here}/", f"s3://{bucket}/t/")
        assert bucket_digests(s3, bucket, "t/") == expected

    def test_cp_and_mv(self, s3cmd, s3, bucket):
        s3.put_object(Bucket=bucket, Key="from +", Body=b"body", Metadata={"who": "me"})
        s3cmd("cp", f"s3://{bucket}/from +", f"s3://{bucket}/copy %")
        s3cmd("mv", f"s3://{bucket}/from +", f"s3://{bucket}/moved ü")
        assert keys(s3, bucket) == ["copy %", "moved ü"]
        assert s3.head_object(Bucket=bucket, Key="moved ü")["Metadata"]["who"] == "me"

    def test_ls_du_and_buckets(self, s3cmd, s3, bucket):
        s3.put_object(Bucket=bucket, Key="d/a b", Body=b"12345")
        s3.put_object(Bucket=bucket, Key="e", Body=b"123")
        said = s3cmd("ls", f"s3://{bucket}")
        assert f"DIR  s3://{bucket}/d/" in said and f"s3://{bucket}/e" in said
        assert f"s3://{bucket}/d/a b" in s3cmd("ls", "--recursive", f"s3://{bucket}")
        assert s3cmd("du", f"s3://{bucket}").split()[:2] == ["8", "2"]
        other = f"made-{uuid.uuid4()}"
        s3cmd("mb", f"s3://{other}")
        assert f"s3://{other}" in s3cmd("ls")
        s3cmd("rb", f"s3://{other}")
        assert f"s3://{other}" not in s3cmd("ls")

    def test_info(self, s3cmd, s3, bucket):
        s3.put_object(Bucket=bucket, Key="k", Body=b"12345", ContentType="text/x-mine")
        said = s3cmd("info", f"s3://{bucket}/k")
        assert "File size: 5" in said and "MIME type: text/x-mine" in said
        assert "Location:  us-east-1" in s3cmd("info", f"s3://{bucket}")

    def test_setacl_goes_by_the_buckets_ownership(self, s3cmd, s3, bucket, curl, emulator):
        s3.put_object(Bucket=bucket, Key="k", Body=b"public")
        address, url = f"s3://{bucket}/k", f"{emulator.aws}/{bucket}/k"
        assert "does not allow ACLs" in s3cmd("setacl", "--acl-public", address, ok=False)
        s3.put_bucket_ownership_controls(
            Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
        s3.delete_public_access_block(Bucket=bucket)
        assert "AccessDenied" in curl(url)
        s3cmd("setacl", "--acl-public", address)
        assert curl("--fail", url) == "public"
        s3cmd("setacl", "--acl-private", address)
        assert "AccessDenied" in curl(url)

    def test_signurl(self, s3cmd, s3, bucket, curl):
        s3.put_object(Bucket=bucket, Key="k", Body=b"signed")
        assert curl("--fail", s3cmd("signurl", f"s3://{bucket}/k", "+60").strip()) == "signed"

    def test_multipart(self, s3cmd, s3, bucket, tmp_path):
        sum_ = random_file(tmp_path / "big", 17 * MIB)
        s3cmd("put", "--multipart-chunk-size-mb=5", tmp_path / "big", f"s3://{bucket}/big")
        assert s3.head_object(Bucket=bucket, Key="big")["ETag"].endswith('-4"')
        s3cmd("get", f"s3://{bucket}/big", tmp_path / "back")
        assert digest(tmp_path / "back") == sum_
        upload = s3.create_multipart_upload(Bucket=bucket, Key="left")["UploadId"]
        assert upload in s3cmd("multipart", f"s3://{bucket}")
        s3cmd("abortmp", f"s3://{bucket}/left", upload)
        assert upload not in s3cmd("multipart", f"s3://{bucket}")


class TestRclone:
    def test_sync_check_and_sync_back(self, rclone, s3, bucket, tmp_path):
        here, back = odd_tree(tmp_path / "here", seed=23), tmp_path / "back"
        rclone("sync", here, f"e:{bucket}/t")
        assert bucket_digests(s3, bucket, "t/") == digests(here)
        rclone("check", here, f"e:{bucket}/t")
        rclone("check", "--download", here, f"e:{bucket}/t")
        expected = change(here)
        assert "3 differences found" in rclone("check", here, f"e:{bucket}/t", ok=False)
        rclone("sync", here, f"e:{bucket}/t")
        rclone("sync", f"e:{bucket}/t", back)
        assert digests(back) == expected
        times = [os.stat(folder / "plain.txt").st_mtime_ns // 1000 for folder in (here, back)]
        assert times[0] == times[1], "times of change travel as metadata"

    def test_copy_inside_the_server(self, rclone, s3, bucket, tree):
        rclone("copy", f"{tree}/sub folder", f"e:{bucket}/a")
        rclone("copy", f"e:{bucket}/a", f"e:{bucket}/b c")
        assert bucket_digests(s3, bucket, "b c/") == digests(f"{tree}/sub folder")
        rclone("moveto", f"e:{bucket}/a/CASE", f"e:{bucket}/moved +")
        assert "moved +" in keys(s3, bucket) and "a/CASE" not in keys(s3, bucket)

    def test_lsjson_and_hashes(self, rclone, s3, bucket):
        s3.put_object(Bucket=bucket, Key="d/odd ü+%", Body=b"12345", ContentType="text/x-mine")
        (entry,) = json.loads(rclone("lsjson", "-R", "--files-only", "--hash", f"e:{bucket}"))
        assert (entry["Path"], entry["Size"], entry["MimeType"]) == ("d/odd ü+%", 5, "text/x-mine")
        assert entry["Hashes"]["md5"] == "827ccb0eea8a706c4c34a16891f84e7b"
        assert rclone("size", "--json", f"e:{bucket}").startswith('{"count":1,"bytes":5')

    def test_cat_and_rcat(self, rclone, bucket):
        body = random.Random(4).randbytes(7 * MIB)
        rclone("rcat", f"e:{bucket}/streamed", send=body)
        assert rclone("cat", f"e:{bucket}/streamed", raw=True) == body
        assert rclone("cat", "--offset", "100", "--count", "50", f"e:{bucket}/streamed", raw=True) == body[100:150]

    def test_multipart_with_metadata(self, rclone, s3, bucket, tmp_path):
        sum_ = random_file(tmp_path / "big", 23 * MIB)
        rclone("copy", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M", "--s3-upload-concurrency", "4",
               tmp_path / "big", f"e:{bucket}")
        head = s3.head_object(Bucket=bucket, Key="big")
        assert head["ETag"].endswith('-5"') and {"mtime", "md5chksum"} <= set(head["Metadata"])
        rclone("copy", "--s3-copy-cutoff", "10M", f"e:{bucket}/big", f"e:{bucket}/copied")
        rclone("copyto", f"e:{bucket}/copied/big", tmp_path / "back")
        assert digest(tmp_path / "back") == sum_

    def test_purge(self, rclone, s3, bucket, tree):
        rclone("copy", f"{tree}/numbers", f"e:{bucket}/n")
        rclone("purge", f"e:{bucket}")
        assert bucket not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]


class TestCurl:
    @pytest.fixture
    def signed(self, curl, emulator, bucket):
        """curl for a path in the bucket. This curl signs the payload's digest only when it is told the header."""
        def run(path, *options, **more):
            return curl(
                "--path-as-is", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "test:test",
                "--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD", *options, f"{emulator.aws}/{bucket}{path}", **more)
        return run

    def test_put_get_and_delete(self, signed, s3, bucket, tmp_path):
        write(tmp_path / "f", b"by curl")
        signed("/dir/k", "--fail", "--upload-file", tmp_path / "f", "--header", "x-amz-meta-who: me")
        assert s3.head_object(Bucket=bucket, Key="dir/k")["Metadata"] == {"who": "me"}
        assert signed("/dir/k", "--fail") == "by curl"
        assert signed("/dir/k", "--fail", "--range", "3-") == "curl"
        assert "204" in signed("/dir/k", "--request", "DELETE", "--write-out", "%{http_code}")
        assert "NoSuchKey" in signed("/dir/k")

    def test_list(self, signed, s3, bucket):
        s3.put_object(Bucket=bucket, Key="k", Body=b"")
        assert "<Key>k</Key>" in signed("?list-type=2&max-keys=5", "--fail")
        assert "SignatureDoesNotMatch" in signed("", "--user", "test:wrong")

    def test_waits_for_100_continue(self, signed, s3, bucket, tmp_path):
        sum_ = random_file(tmp_path / "f", 3 * MIB)
        signed("/k", "--fail", "--header", "Expect: 100-continue", "--expect100-timeout", "120", "--max-time", "90",
               "--upload-file", tmp_path / "f")
        signed("/k", "--fail", "--output", tmp_path / "back")
        assert digest(tmp_path / "back") == sum_


class TestS5cmd:
    def test_many_files_up_and_down(self, s5cmd, s3, bucket, tree, tmp_path):
        s5cmd("cp", f"{tree}/numbers/*", f"s3://{bucket}/n/")
        s5cmd("cp", f"s3://{bucket}/n/*", f"{tmp_path}/")
        assert digests(tmp_path) == digests(f"{tree}/numbers")
        assert len(s5cmd("ls", f"s3://{bucket}/n/*").splitlines()) == len(digests(tmp_path))
        s5cmd("rm", f"s3://{bucket}/n/*")
        assert keys(s3, bucket) == []

    def test_sync_with_deletes(self, s5cmd, s3, bucket, tmp_path):
        here = odd_tree(tmp_path / "here", seed=24)
        s5cmd("sync", f"{here}/sub folder/", f"s3://{bucket}/t/")
        assert bucket_digests(s3, bucket, "t/") == digests(here / "sub folder")
        os.remove(here / "sub folder" / "100%")
        s5cmd("sync", "--delete", f"{here}/sub folder/", f"s3://{bucket}/t/")
        assert bucket_digests(s3, bucket, "t/") == digests(here / "sub folder")

    def test_parts_pipe_cat_and_mv(self, s5cmd, s3, bucket):
        body = random.Random(5).randbytes(11 * MIB)
        s5cmd("pipe", "--part-size", "5", f"s3://{bucket}/piped", send=body)
        s5cmd("mv", f"s3://{bucket}/piped", f"s3://{bucket}/moved +")
        assert keys(s3, bucket) == ["moved +"]
        assert s5cmd("cat", f"s3://{bucket}/moved +", raw=True) == body


class TestTransferManager:
    """boto3's own, with parts of 5 MiB and many threads."""

    SETTINGS = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=16)

    def test_file_up_and_down_with_progress(self, s3, bucket, tmp_path):
        sum_ = random_file(tmp_path / "big", 64 * MIB + 7)
        sent, received = [], []
        s3.upload_file(str(tmp_path / "big"), bucket, "k", Config=self.SETTINGS, Callback=sent.append)
        s3.download_file(bucket, "k", str(tmp_path / "back"), Config=self.SETTINGS, Callback=received.append)
        assert sum(sent) == sum(received) == 64 * MIB + 7
        assert s3.head_object(Bucket=bucket, Key="k")["ETag"].endswith('-13"')
        assert digest(tmp_path / "back") == sum_

    def test_stream_of_unknown_length(self, s3, bucket):
        body = random.Random(6).randbytes(12 * MIB)

        into, out = (os.fdopen(end, mode) for end, mode in zip(reversed(os.pipe()), ("wb", "rb")))
        with out, ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: (into.write(body), into.close()))
            s3.upload_fileobj(out, bucket, "k", Config=self.SETTINGS)
        received = io.BytesIO()
        s3.download_fileobj(bucket, "k", received, Config=self.SETTINGS)
        assert received.getvalue() == body

    def test_copy_in_parts(self, s3, bucket):
        body = random.Random(7).randbytes(13 * MIB)
        s3.put_object(Bucket=bucket, Key="from +", Body=body)
        s3.copy({"Bucket": bucket, "Key": "from +"}, bucket, "to", Config=self.SETTINGS)
        got = s3.get_object(Bucket=bucket, Key="to")
        assert got["ETag"].endswith('-3"') and got["Body"].read() == body

    def test_ranges_from_many_threads(self, s3, bucket):
        body = random.Random(8).randbytes(9 * MIB)
        s3.upload_fileobj(io.BytesIO(body), bucket, "k", Config=self.SETTINGS)
        draw = random.Random(9)
        spans = [sorted(draw.sample(range(len(body)), 2)) for _ in range(100)]

        def read(span):
            got = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={span[0]}-{span[1]}")
            return got["Body"].read() == body[span[0]:span[1] + 1]

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(read, spans))

    def test_tree_from_many_threads(self, s3, bucket, tree):
        names = list(digests(tree))
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda name: s3.upload_file(os.path.join(tree, name), bucket, name), names))
        assert bucket_digests(s3, bucket) == digests(tree)

    def test_overwriting_while_others_download(self, s3, bucket):
        """Each download is one whole version, never a mixture."""
        versions = [bytes([number]) * (2 * MIB) for number in range(8)]
        s3.put_object(Bucket=bucket, Key="k", Body=versions[0])

        def read(_):
            return s3.get_object(Bucket=bucket, Key="k")["Body"].read() in versions

        with ThreadPoolExecutor(8) as pool:
            reads = [pool.submit(read, number) for number in range(60)]
            for body in versions:
                s3.put_object(Bucket=bucket, Key="k", Body=body)
            assert all(one.result() for one in reads)
