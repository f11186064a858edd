"""ListObjectVersions: order, markers, pages, grouping, encoding."""

import pytest

from .conftest import refused


def put(s3, bucket, *keys):
    """Puts each key; the version identifiers, None where the bucket is not versioned."""
    return [s3.put_object(Bucket=bucket, Key=key, Body=key.encode()).get("VersionId") for key in keys]


def listed(answer):
    """(key, version) of each version and marker, in the order of one answer's two lists."""
    return [(entry["Key"], entry["VersionId"]) for entry in answer.get("Versions", [])]


def all_pages(s3, bucket, **parameters):
    """Every page, followed by the markers of the one before."""
    pages = []
    while True:
        pages.append(s3.list_object_versions(Bucket=bucket, **parameters))
        if not pages[-1]["IsTruncated"]:
            return pages
        parameters["KeyMarker"] = pages[-1]["NextKeyMarker"]
        parameters.pop("VersionIdMarker", None)
        if "NextVersionIdMarker" in pages[-1]:
            parameters["VersionIdMarker"] = pages[-1]["NextVersionIdMarker"]


def test_an_empty_bucket(s3, bucket):
    answer = s3.list_object_versions(Bucket=bucket)
    assert "Versions" not in answer and "DeleteMarkers" not in answer
    assert answer["IsTruncated"] is False
    assert (answer["Name"], answer["Prefix"], answer["MaxKeys"]) == (bucket, "", 1000)
    assert (answer["KeyMarker"], answer["VersionIdMarker"]) == ("", "")
    assert "NextKeyMarker" not in answer and "NextVersionIdMarker" not in answer


def test_objects_of_an_unversioned_bucket_are_null_versions(s3, bucket):
    put(s3, bucket, "b", "a")
    answer = s3.list_object_versions(Bucket=bucket)
    assert listed(answer) == [("a", "null"), ("b", "null")]
    assert all(entry["IsLatest"] for entry in answer["Versions"])


def test_the_newest_version_comes_first_and_is_the_latest(s3, versioned_bucket):
    versions = put(s3, versioned_bucket, "k", "k", "k")
    answer = s3.list_object_versions(Bucket=versioned_bucket)
    assert listed(answer) == [("k", version) for version in reversed(versions)]
    assert [entry["IsLatest"] for entry in answer["Versions"]] == [True, False, False]


def test_keys_ascend_by_their_bytes(s3, versioned_bucket):
    keys = ["b", "a/b", "a", "aa", "a b", "ä", "Z", "a-b", "a\u00ff", "\U0001F600"]
    put(s3, versioned_bucket, *keys)
    answer = s3.list_object_versions(Bucket=versioned_bucket)
    assert [entry["Key"] for entry in answer["Versions"]] == sorted(keys, key=lambda key: key.encode())


def test_a_version_is_described(s3, versioned_bucket):
    put_answer = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"hello", ChecksumAlgorithm="SHA256")
    entry = s3.list_object_versions(Bucket=versioned_bucket)["Versions"][0]
    assert entry["ETag"] == put_answer["ETag"]
    assert (entry["Size"], entry["StorageClass"]) == (5, "STANDARD")
    assert (entry["ChecksumAlgorithm"], entry["ChecksumType"]) == (["SHA256"], "FULL_OBJECT")
    assert entry["Owner"]["ID"]
    assert entry["LastModified"].microsecond == 0


def test_a_delete_marker_is_described(s3, versioned_bucket):
    put(s3, versioned_bucket, "k")
    marker = s3.delete_object(Bucket=versioned_bucket, Key="k")["VersionId"]
    answer = s3.list_object_versions(Bucket=versioned_bucket)
    entry = answer["DeleteMarkers"][0]
    assert (entry["Key"], entry["VersionId"], entry["IsLatest"]) == ("k", marker, True)
    assert entry["Owner"]["ID"]
    assert not {"ETag", "Size", "StorageClass"} & set(entry)
    assert answer["Versions"][0]["IsLatest"] is False


def test_versions_and_markers_are_interleaved(raw, s3, versioned_bucket):
    put(s3, versioned_bucket, "a")
    s3.delete_object(Bucket=versioned_bucket, Key="a")
    put(s3, versioned_bucket, "a", "b")
    s3.delete_object(Bucket=versioned_bucket, Key="b")
    answer = raw("GET", f"/{versioned_bucket}?versions")
    names = [child.tag for child in answer.xml if child.tag in ("Version", "DeleteMarker")]
    assert names == ["Version", "DeleteMarker", "Version", "DeleteMarker", "Version"]


def test_a_marker_above_nothing_is_listed(s3, versioned_bucket):
    marker = s3.delete_object(Bucket=versioned_bucket, Key="never")["VersionId"]
    answer = s3.list_object_versions(Bucket=versioned_bucket)
    assert "Versions" not in answer
    assert [(entry["Key"], entry["VersionId"]) for entry in answer["DeleteMarkers"]] == [("never", marker)]


def test_an_object_from_before_versioning_is_null_and_oldest(s3, bucket):
    put(s3, bucket, "k")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    (version,) = put(s3, bucket, "k")
    assert listed(s3.list_object_versions(Bucket=bucket)) == [("k", version), ("k", "null")]


def test_the_null_version_of_a_suspended_bucket_is_where_it_was_written(s3, versioned_bucket):
    (first,) = put(s3, versioned_bucket, "k")
    s3.put_bucket_versioning(Bucket=versioned_bucket, VersioningConfiguration={"Status": "Suspended"})
    put(s3, versioned_bucket, "k")
    s3.put_bucket_versioning(Bucket=versioned_bucket, VersioningConfiguration={"Status": "Enabled"})
    (third,) = put(s3, versioned_bucket, "k")
    answer = s3.list_object_versions(Bucket=versioned_bucket)
    assert listed(answer) == [("k", third), ("k", "null"), ("k", first)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_pages_join_to_the_whole(s3, versioned_bucket, size):
    versions = put(s3, versioned_bucket, "a", "b", "b", "b", "c", "c")
    whole = listed(s3.list_object_versions(Bucket=versioned_bucket))
    pages = all_pages(s3, versioned_bucket, MaxKeys=size)
    assert [entry for page in pages for entry in listed(page)] == whole
    assert len(whole) == len(versions)
    assert all(len(page.get("Versions", [])) <= size for page in pages)
    assert all(page["MaxKeys"] == size for page in pages)
    latest = [entry["Key"] for page in pages for entry in page.get("Versions", []) if entry["IsLatest"]]
    assert latest == ["a", "b", "c"]


def test_a_page_ends_with_the_markers_of_its_last_version(s3, versioned_bucket):
    versions = put(s3, versioned_bucket, "a", "a", "b")
    answer = s3.list_object_versions(Bucket=versioned_bucket, MaxKeys=1)
    assert answer["IsTruncated"] is True
    assert (answer["NextKeyMarker"], answer["NextVersionIdMarker"]) == ("a", versions[1])


def test_a_full_page_that_is_the_last_is_not_truncated(s3, versioned_bucket):
    put(s3, versioned_bucket, "a", "a")
    answer = s3.list_object_versions(Bucket=versioned_bucket, MaxKeys=2)
    assert answer["IsTruncated"] is False
    assert "NextKeyMarker" not in answer and "NextVersionIdMarker" not in answer


def test_markers_count_towards_the_page(s3, versioned_bucket):
    put(s3, versioned_bucket, "a")
    s3.delete_object(Bucket=versioned_bucket, Key="a")
    answer = s3.list_object_versions(Bucket=versioned_bucket, MaxKeys=1)
    assert len(answer["DeleteMarkers"]) == 1 and "Versions" not in answer
    assert answer["IsTruncated"] is True


def test_a_key_marker_alone_passes_over_all_versions_of_its_key(s3, versioned_bucket):
    versions = put(s3, versioned_bucket, "a", "a", "b")
    answer = s3.list_object_versions(Bucket=versioned_bucket, KeyMarker="a")
    assert listed(answer) == [("b", versions[2])]
    assert answer["KeyMarker"] == "a"


def test_a_key_marker_need_not_exist(s3, versioned_bucket):
    put(s3, versioned_bucket, "a", "c")
    answer = s3.list_object_versions(Bucket=versioned_bucket, KeyMarker="b")
    assert [entry["Key"] for entry in answer["Versions"]] == ["c"]


def test_a_version_marker_goes_on_below_that_version(s3, versioned_bucket):
    versions = put(s3, versioned_bucket, "a", "a", "a", "b")
    answer = s3.list_object_versions(
        Bucket=versioned_bucket, KeyMarker="a", VersionIdMarker=versions[1])
    assert listed(answer) == [("a", versions[0]), ("b", versions[3])]
    assert [entry["IsLatest"] for entry in answer["Versions"]] == [False, True]
    assert answer["VersionIdMarker"] == versions[1]


def test_the_null_version_is_a_marker_too(s3, bucket):
    put(s3, bucket, "a", "b")
    answer = s3.list_object_versions(Bucket=bucket, KeyMarker="a", VersionIdMarker="null")
    assert listed(answer) == [("b", "null")]


def test_a_version_marker_without_a_key_marker_is_refused(s3, versioned_bucket):
    (version,) = put(s3, versioned_bucket, "a")
    with refused(
        "InvalidArgument", 400, "A version-id marker cannot be specified without a key marker."
    ) as refusal:
        s3.list_object_versions(Bucket=versioned_bucket, VersionIdMarker=version)
    assert refusal.elements["ArgumentName"] == "version-id-marker"
    assert refusal.elements["ArgumentValue"] == version


@pytest.mark.parametrize("marker", ["nonexistent-version-id-12345", "Eyn7lxdGE1WU1SU6QTbW1X6cbSIIRY0R"])
def test_a_version_marker_that_no_version_has_is_refused(s3, versioned_bucket, marker):
    with refused("InvalidArgument", 400, "Invalid version id specified"):
        s3.list_object_versions(Bucket=versioned_bucket, KeyMarker="a", VersionIdMarker=marker)


def test_an_empty_version_marker_is_refused(raw, versioned_bucket):
    answer = raw("GET", f"/{versioned_bucket}?versions&key-marker=a&version-id-marker=")
    answer.is_error("InvalidArgument", 400, "A version-id marker cannot be empty.")


def test_a_prefix_chooses(s3, versioned_bucket):
    put(s3, versioned_bucket, "a/1", "a/2", "b/1", "a")
    s3.delete_object(Bucket=versioned_bucket, Key="a/2")
    answer = s3.list_object_versions(Bucket=versioned_bucket, Prefix="a/")
    assert [entry["Key"] for entry in answer["Versions"]] == ["a/1", "a/2"]
    assert [entry["Key"] for entry in answer["DeleteMarkers"]] == ["a/2"]
    assert answer["Prefix"] == "a/"


def test_a_delimiter_groups(s3, versioned_bucket):
    put(s3, versioned_bucket, "a/1", "a/1", "a/2", "b", "c/1")
    s3.delete_object(Bucket=versioned_bucket, Key="c/1")
    answer = s3.list_object_versions(Bucket=versioned_bucket, Delimiter="/")
    assert [entry["Key"] for entry in answer["Versions"]] == ["b"]
    assert answer["CommonPrefixes"] == [{"Prefix": "a/"}, {"Prefix": "c/"}]
    assert answer["Delimiter"] == "/"


def test_a_prefix_that_only_markers_have_is_grouped(s3, versioned_bucket):
    s3.delete_object(Bucket=versioned_bucket, Key="gone/k")
    answer = s3.list_object_versions(Bucket=versioned_bucket, Delimiter="/")
    assert answer["CommonPrefixes"] == [{"Prefix": "gone/"}]
    assert "DeleteMarkers" not in answer


def test_prefix_and_delimiter_go_together(s3, versioned_bucket):
    put(s3, versioned_bucket, "p/a/1", "p/b", "p/c/1", "q/a")
    answer = s3.list_object_versions(Bucket=versioned_bucket, Prefix="p/", Delimiter="/")
    assert [entry["Key"] for entry in answer["Versions"]] == ["p/b"]
    assert answer["CommonPrefixes"] == [{"Prefix": "p/a/"}, {"Prefix": "p/c/"}]


def test_a_page_that_ends_in_a_common_prefix_has_no_version_marker(s3, versioned_bucket):
    put(s3, versioned_bucket, "a/1", "a/2", "b")
    answer = s3.list_object_versions(Bucket=versioned_bucket, Delimiter="/", MaxKeys=1)
    assert answer["CommonPrefixes"] == [{"Prefix": "a/"}]
    assert answer["NextKeyMarker"] == "a/"
    assert "NextVersionIdMarker" not in answer


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_common_prefix_stands_on_one_page_only(s3, versioned_bucket, size):
    put(s3, versioned_bucket, "a/1", "a/1", "a/2", "b", "b", "c/1", "d")
    pages = all_pages(s3, versioned_bucket, Delimiter="/", MaxKeys=size)
    prefixes = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", [])]
    assert prefixes == ["a/", "c/"]
    assert [entry["Key"] for page in pages for entry in page.get("Versions", [])] == ["b", "b", "d"]
    counts = [len(page.get("Versions", []) + page.get("CommonPrefixes", [])) for page in pages]
    assert max(counts) <= size and sum(counts) == 5


def test_an_empty_delimiter_counts_as_none(raw, s3, versioned_bucket):
    put(s3, versioned_bucket, "a/1")
    answer = raw("GET", f"/{versioned_bucket}?versions&delimiter=")
    assert answer.element("Key") == "a/1"
    assert answer.element("Delimiter") is None and answer.element("CommonPrefixes") is None


def test_no_keys_asked_for_are_no_keys_left(s3, versioned_bucket):
    put(s3, versioned_bucket, "a")
    answer = s3.list_object_versions(Bucket=versioned_bucket, MaxKeys=0)
    assert "Versions" not in answer
    assert answer["IsTruncated"] is False


@pytest.mark.parametrize("text", ["-1", "many", "2147483648"])
def test_page_sizes_that_are_none(raw, versioned_bucket, text):
    answer = raw("GET", f"/{versioned_bucket}?versions&max-keys={text}")
    assert answer.is_error("InvalidArgument", 400)["ArgumentValue"] == text


def test_names_are_encoded_on_request(raw, s3, versioned_bucket):
    put(s3, versioned_bucket, "a b+c/ü=%&")
    path = f"/{versioned_bucket}?versions&encoding-type=url&prefix=a%20&key-marker=%20&delimiter=%26"
    answer = raw("GET", path)
    assert answer.element("EncodingType") == "url"
    assert answer.xml.findtext("Prefix") == "a+"
    assert answer.xml.findtext("KeyMarker") == "+"
    assert answer.element("Delimiter") == "%26"
    assert answer.xml.findtext("CommonPrefixes/Prefix") == "a+b%2Bc/%C3%BC%3D%25%26"


def test_an_unknown_encoding_is_refused(raw, versioned_bucket):
    answer = raw("GET", f"/{versioned_bucket}?versions&encoding-type=base64")
    error = answer.is_error("InvalidArgument", 400, "Invalid Encoding Method specified in Request")
    assert error["ArgumentName"] == "encoding-type"


def test_a_deleted_version_is_no_longer_listed(s3, versioned_bucket):
    versions = put(s3, versioned_bucket, "a", "a", "a")
    s3.delete_object(Bucket=versioned_bucket, Key="a", VersionId=versions[2])
    answer = s3.list_object_versions(Bucket=versioned_bucket)
    assert listed(answer) == [("a", versions[1]), ("a", versions[0])]
    assert answer["Versions"][0]["IsLatest"] is True


def test_when_a_marker_goes_the_version_below_is_the_latest(s3, versioned_bucket):
    (version,) = put(s3, versioned_bucket, "a")
    marker = s3.delete_object(Bucket=versioned_bucket, Key="a")["VersionId"]
    s3.delete_object(Bucket=versioned_bucket, Key="a", VersionId=marker)
    answer = s3.list_object_versions(Bucket=versioned_bucket)
    assert "DeleteMarkers" not in answer
    assert [(entry["VersionId"], entry["IsLatest"]) for entry in answer["Versions"]] == [(version, True)]


def test_object_listings_show_current_objects_only(s3, versioned_bucket):
    put(s3, versioned_bucket, "a", "a", "b")
    s3.delete_object(Bucket=versioned_bucket, Key="b")
    for answer in (s3.list_objects(Bucket=versioned_bucket), s3.list_objects_v2(Bucket=versioned_bucket)):
        assert [entry["Key"] for entry in answer["Contents"]] == ["a"]


def test_an_absent_bucket(s3, bucket):
    with refused("NoSuchBucket", 404, "The specified bucket does not exist"):
        s3.list_object_versions(Bucket=f"{bucket}-absent")


@pytest.mark.parametrize("size", [2, 100])
def test_the_paginator_of_the_client_sees_everything(s3, versioned_bucket, size):
    put(s3, versioned_bucket, *["k%d" % (number % 4) for number in range(10)])
    s3.delete_object(Bucket=versioned_bucket, Key="k0")
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=versioned_bucket, PaginationConfig={"PageSize": size})
    versions = markers = 0
    for page in pages:
        versions += len(page.get("Versions", []))
        markers += len(page.get("DeleteMarkers", []))
    assert (versions, markers) == (10, 1)
