"""ListObjects and ListObjectsV2: order, pages, grouping, encoding, refusals."""

import pytest

from .conftest import refused

BOTH = ["list_objects", "list_objects_v2"]


def put(s3, bucket, *keys):
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())


def keys(answer):
    return [entry["Key"] for entry in answer.get("Contents", [])]


def prefixes(answer):
    return [entry["Prefix"] for entry in answer.get("CommonPrefixes", [])]


def pages(s3, call, **parameters):
    """Every page by the markers and tokens of the one before."""
    while True:
        page = getattr(s3, call)(**parameters)
        yield page
        if not page["IsTruncated"]:
            return
        if call == "list_objects_v2":
            parameters["ContinuationToken"] = page["NextContinuationToken"]
        else:
            parameters["Marker"] = page.get("NextMarker") or page["Contents"][-1]["Key"]


@pytest.fixture
def tree(s3, bucket):
    put(s3, bucket, "a", "b/1", "b/2", "b/c/1", "d/1", "e")
    return bucket


# What is listed


@pytest.mark.parametrize("call", BOTH)
def test_an_empty_bucket(s3, bucket, call):
    answer = getattr(s3, call)(Bucket=bucket)
    assert "Contents" not in answer and "CommonPrefixes" not in answer
    assert (answer["Name"], answer["Prefix"], answer["MaxKeys"]) == (bucket, "", 1000)
    assert answer["IsTruncated"] is False


@pytest.mark.parametrize("call", BOTH)
def test_keys_ascend_by_their_bytes(s3, bucket, call):
    names = ["b", "a/b", "a", "aa", "a b", "ä", "Z", "a-b", "_", "~", "\uffff", "\U0001F600", "0", "10", "9"]
    put(s3, bucket, *names)
    assert keys(getattr(s3, call)(Bucket=bucket)) == sorted(names, key=lambda name: name.encode())


@pytest.mark.parametrize("call", BOTH)
def test_an_entry(s3, bucket, call):
    put_answer = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm="SHA1")
    (entry,) = getattr(s3, call)(Bucket=bucket)["Contents"]
    assert (entry["Key"], entry["Size"], entry["ETag"]) == ("k", 5, put_answer["ETag"])
    assert entry["StorageClass"] == "STANDARD"
    assert (entry["ChecksumAlgorithm"], entry["ChecksumType"]) == (["SHA1"], "FULL_OBJECT")
    assert entry["LastModified"].microsecond == 0


def test_the_first_version_tells_owners(s3, tree):
    owners = {entry["Owner"]["ID"] for entry in s3.list_objects(Bucket=tree)["Contents"]}
    assert len(owners) == 1 and s3.list_buckets()["Owner"]["ID"] in owners


@pytest.mark.parametrize("fetch", [None, False, True])
def test_the_second_version_tells_owners_on_request(s3, tree, fetch):
    more = {} if fetch is None else {"FetchOwner": fetch}
    answer = s3.list_objects_v2(Bucket=tree, **more)
    assert all(("Owner" in entry) == (fetch is True) for entry in answer["Contents"])


@pytest.mark.parametrize("call", BOTH)
@pytest.mark.parametrize(
    "prefix,expected",
    [("b", ["b/1", "b/2", "b/c/1"]), ("b/", ["b/1", "b/2", "b/c/1"]), ("b/c/1", ["b/c/1"]), ("x", []), ("A", []),
     ("", ["a", "b/1", "b/2", "b/c/1", "d/1", "e"])])
def test_a_prefix_chooses(s3, tree, call, prefix, expected):
    answer = getattr(s3, call)(Bucket=tree, Prefix=prefix)
    assert keys(answer) == expected
    assert answer["Prefix"] == prefix


# Grouping


@pytest.mark.parametrize("call", BOTH)
@pytest.mark.parametrize(
    "prefix,delimiter,names,groups",
    [
        ("", "/", ["a", "e"], ["b/", "d/"]),
        ("b/", "/", ["b/1", "b/2"], ["b/c/"]),
        ("b", "/", [], ["b/"]),
        ("b/c", "/", [], ["b/c/"]),
        ("b/c/", "/", ["b/c/1"], []),
        ("", "1", ["a", "b/2", "e"], ["b/1", "b/c/1", "d/1"]),
        ("", "/c/", ["a", "b/1", "b/2", "d/1", "e"], ["b/c/"]),
        ("", "b", ["a", "d/1", "e"], ["b"]),
        ("b/", "b/", ["b/1", "b/2", "b/c/1"], []),
        ("", "x", ["a", "b/1", "b/2", "b/c/1", "d/1", "e"], []),
        ("x", "/", [], []),
    ],
)
def test_a_delimiter_groups(s3, tree, call, prefix, delimiter, names, groups):
    answer = getattr(s3, call)(Bucket=tree, Prefix=prefix, Delimiter=delimiter)
    assert (keys(answer), prefixes(answer)) == (names, groups)
    assert answer["Delimiter"] == delimiter
    if call == "list_objects_v2":
        assert answer["KeyCount"] == len(names) + len(groups)


@pytest.mark.parametrize("call", BOTH)
def test_an_empty_delimiter_counts_as_none(s3, tree, call):
    answer = getattr(s3, call)(Bucket=tree, Delimiter="")
    assert len(keys(answer)) == 6 and prefixes(answer) == []
    assert "Delimiter" not in answer


@pytest.mark.parametrize("call", BOTH)
def test_a_folder_object_is_grouped_too(s3, bucket, call):
    put(s3, bucket, "f/", "f/a")
    answer = getattr(s3, call)(Bucket=bucket, Delimiter="/")
    assert (keys(answer), prefixes(answer)) == ([], ["f/"])
    answer = getattr(s3, call)(Bucket=bucket, Delimiter="/", Prefix="f/")
    assert (keys(answer), prefixes(answer)) == (["f/", "f/a"], [])


@pytest.mark.parametrize("call", BOTH)
@pytest.mark.parametrize("delimiter", ["%", " ", ".", "\n", "ü", "\U0001F600", "&", "+"])
def test_any_delimiter(s3, bucket, call, delimiter):
    put(s3, bucket, f"b{delimiter}ar", f"b{delimiter}az", f"c{delimiter}ab", "foo")
    answer = getattr(s3, call)(Bucket=bucket, Delimiter=delimiter)
    assert (keys(answer), prefixes(answer)) == (["foo"], [f"b{delimiter}", f"c{delimiter}"])


# Pages


@pytest.mark.parametrize("size", [1, 2, 4, 6, 7])
@pytest.mark.parametrize("call", BOTH)
def test_pages_join_to_the_whole(s3, tree, call, size):
    found = list(pages(s3, call, Bucket=tree, MaxKeys=size))
    assert [key for page in found for key in keys(page)] == ["a", "b/1", "b/2", "b/c/1", "d/1", "e"]
    assert all(len(keys(page)) == size for page in found[:-1])
    assert all(page["MaxKeys"] == size for page in found)


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("call", BOTH)
def test_grouped_pages_join_to_the_whole(s3, tree, call, size):
    found = list(pages(s3, call, Bucket=tree, MaxKeys=size, Delimiter="/"))
    assert [key for page in found for key in keys(page)] == ["a", "e"]
    assert [prefix for page in found for prefix in prefixes(page)] == ["b/", "d/"]
    assert all(len(keys(page)) + len(prefixes(page)) == size for page in found[:-1])


@pytest.mark.parametrize("call", BOTH)
def test_a_full_page_that_is_the_last(s3, tree, call):
    answer = getattr(s3, call)(Bucket=tree, MaxKeys=6)
    assert answer["IsTruncated"] is False
    assert "NextMarker" not in answer and "NextContinuationToken" not in answer


def test_a_next_marker_only_with_a_delimiter(s3, tree):
    answer = s3.list_objects(Bucket=tree, MaxKeys=2)
    assert answer["IsTruncated"] is True and "NextMarker" not in answer
    answer = s3.list_objects(Bucket=tree, MaxKeys=2, Delimiter="/")
    assert answer["NextMarker"] == "b/"


@pytest.mark.parametrize(
    "marker,expected", [("a", 5), ("b", 5), ("b/", 5), ("b/1", 4), ("c", 2), ("e", 0), ("z", 0), ("", 6)])
def test_a_listing_goes_on_after_its_marker(s3, tree, marker, expected):
    answer = s3.list_objects(Bucket=tree, Marker=marker)
    assert len(keys(answer)) == expected
    assert answer["Marker"] == marker


def test_a_marker_that_is_a_group_passes_over_it(s3, tree):
    answer = s3.list_objects(Bucket=tree, Marker="b/", Delimiter="/")
    assert (keys(answer), prefixes(answer)) == (["e"], ["d/"])


@pytest.mark.parametrize("start,expected", [("a", 5), ("b", 5), ("b/1", 4), ("c", 2), ("e", 0), ("z", 0)])
def test_a_listing_starts_after_a_key(s3, tree, start, expected):
    answer = s3.list_objects_v2(Bucket=tree, StartAfter=start)
    assert len(keys(answer)) == expected
    assert (answer["StartAfter"], answer["KeyCount"]) == (start, expected)


def test_a_token_outweighs_a_start(s3, tree):
    token = s3.list_objects_v2(Bucket=tree, MaxKeys=5)["NextContinuationToken"]
    answer = s3.list_objects_v2(Bucket=tree, ContinuationToken=token, StartAfter="a")
    assert keys(answer) == ["e"]
    assert answer["ContinuationToken"] == token and "StartAfter" not in answer


@pytest.mark.parametrize("call", BOTH)
def test_no_keys_asked_for(s3, tree, call):
    answer = getattr(s3, call)(Bucket=tree, MaxKeys=0)
    assert keys(answer) == []
    assert (answer["IsTruncated"], answer["MaxKeys"]) == (False, 0)


@pytest.mark.parametrize("call", BOTH)
def test_more_keys_than_a_page_has(s3, tree, call):
    assert len(keys(getattr(s3, call)(Bucket=tree, MaxKeys=5000))) == 6


@pytest.mark.parametrize("call", BOTH)
def test_keys_that_come_and_go_between_pages(s3, tree, call):
    found = pages(s3, call, Bucket=tree, MaxKeys=2)
    first = next(found)
    s3.delete_object(Bucket=tree, Key="b/1")
    put(s3, tree, "a0", "c")
    rest = [key for page in found for key in keys(page)]
    assert (keys(first), rest) == (["a", "b/1"], ["b/2", "b/c/1", "c", "d/1", "e"])


# Encoding


NAMES = ["a b", "a+b", "a%b", "a/b", "ü=&", "a\nb", "<x>", "(*)!'~"]
ENCODED = {"a b": "a+b", "a+b": "a%2Bb", "a%b": "a%25b", "a/b": "a/b", "ü=&": "%C3%BC%3D%26", "a\nb": "a%0Ab",
           "<x>": "%3Cx%3E", "(*)!'~": "%28*%29%21%27%7E"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("version", ["", "list-type=2&"])
def test_names_are_encoded_on_request(raw, s3, bucket, version, name):
    put(s3, bucket, name)
    answer = raw("GET", f"/{bucket}?{version}encoding-type=url")
    assert answer.element("Key") == ENCODED[name]
    assert answer.element("EncodingType") == "url"


@pytest.mark.parametrize("name", NAMES)
def test_names_are_as_they_are_otherwise(raw, s3, bucket, name):
    put(s3, bucket, name)
    answer = raw("GET", f"/{bucket}?list-type=2")
    assert answer.element("Key") == name
    assert answer.element("EncodingType") is None


def test_everything_that_is_a_name_is_encoded(raw, s3, bucket):
    put(s3, bucket, "p q/r s/t")
    answer = raw("GET", f"/{bucket}?encoding-type=url&prefix=p%20q%2F&delimiter=s%2F&marker=p%20")
    assert answer.xml.findtext("Prefix") == "p+q/"
    assert answer.element("Delimiter") == "s/"
    assert answer.element("Marker") == "p+"
    assert answer.xml.findtext("CommonPrefixes/Prefix") == "p+q/r+s/"
    answer = raw("GET", f"/{bucket}?list-type=2&encoding-type=url&start-after=p%20")
    assert answer.element("StartAfter") == "p+"


@pytest.mark.parametrize("version", ["", "list-type=2&"])
@pytest.mark.parametrize("text", ["", "base64", "URL"])
def test_encodings_that_are_none(raw, bucket, version, text):
    answer = raw("GET", f"/{bucket}?{version}encoding-type={text}")
    error = answer.is_error("InvalidArgument", 400, "Invalid Encoding Method specified in Request")
    assert error["ArgumentName"] == "encoding-type"


# Refusals


@pytest.mark.parametrize("call", BOTH)
def test_an_absent_bucket(s3, bucket, call):
    with refused("NoSuchBucket", 404) as refusal:
        getattr(s3, call)(Bucket=f"{bucket}-absent")
    assert refusal.elements["BucketName"] == f"{bucket}-absent"


@pytest.mark.parametrize("version", ["", "list-type=2&"])
@pytest.mark.parametrize("text", ["blah", "1.5", "99999999999"])
def test_page_sizes_that_are_no_numbers(raw, bucket, version, text):
    answer = raw("GET", f"/{bucket}?{version}max-keys={text}")
    error = answer.is_error("InvalidArgument", 400, "Provided max-keys not an integer or within integer range")
    assert (error["ArgumentName"], error["ArgumentValue"]) == ("max-keys", text)


@pytest.mark.parametrize("version", ["", "list-type=2&"])
def test_a_negative_page_size(raw, bucket, version):
    answer = raw("GET", f"/{bucket}?{version}max-keys=-1")
    answer.is_error("InvalidArgument", 400, "Argument maxKeys must be an integer between 0 and 2147483647")


@pytest.mark.parametrize("token", ["", "wrong", "%20", "AAAA"])
def test_tokens_that_are_none(raw, bucket, token):
    answer = raw("GET", f"/{bucket}?list-type=2&continuation-token={token}")
    error = answer.is_error("InvalidArgument", 400, "The continuation token provided is incorrect")
    assert error["ArgumentName"] == "continuation-token"
