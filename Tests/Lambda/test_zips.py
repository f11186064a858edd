"""What zips may hold, and what is said of those that may not."""

import io
import os
import stat
import struct
import zipfile

import pytest
from endpoints import unique

from . import bootstraps
from .conftest import call, error_of
from .functions import arguments

BROKEN = "Could not unzip uploaded file. Please check your file, then try to upload again."
RUN = bootstraps.python("serve(lambda event, headers: 'ran')")


def entry(name, mode=stat.S_IFREG | 0o755, system=3):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = system, mode << 16
    return info


def package(*entries, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for info, content in entries:
            archive.writestr(info if isinstance(info, zipfile.ZipInfo) else entry(info), content,
                             compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def refusal(client, code):
    error = error_of(client, lambda c: c.create_function(**arguments(unique("f"), Code={"ZipFile": code})))
    assert (error.status, error.code) == (400, "InvalidParameterValueException")
    return error.message


def link(target, name="link"):
    return (entry(name, stat.S_IFLNK | 0o777), target)


@pytest.mark.parametrize("code, message", [
    (b"", "Uploaded file must be a non-empty zip"),
    (package(), "Uploaded file must be a non-empty zip"),
    (b"no zip at all", BROKEN),
    (package(("bootstrap", RUN))[:-30], BROKEN),
    (package(("bootstrap", RUN)).replace(b"PK\x01\x02", b"PK\x01\x03"), BROKEN),
])
def test_what_is_no_zip_is_refused_in_aws_words(lambda_client, code, message):
    assert refusal(lambda_client, code) == message


def test_a_damaged_entry_is_refused(lambda_client):
    code = bytearray(package(("bootstrap", os.urandom(4_000))))
    code[1_000] ^= 1
    assert refusal(lambda_client, bytes(code)) == BROKEN


@pytest.mark.parametrize("name, part", [
    ("../out", "leads out of the package"), ("a/../../out", "leads out of the package"),
    ("a/..", "leads out of the package"), ("/etc/out", "has an absolute path"),
    ("a/" * 65 + "x", "is too long"), ("n" * 256, "is too long"), ("p/" + "n" * 1_100, "is too long"),
])
def test_a_name_that_leads_elsewhere_is_refused(lambda_client, name, part):
    message = refusal(lambda_client, package(("bootstrap", RUN), (name, "x")))
    assert message.startswith("Could not unzip uploaded file. The") and part in message


@pytest.mark.parametrize("entries", [
    [link("/etc/passwd")], [link("../x")], [("d/", ""), link("../../x", "d/l")], [link("a/../../x")],
    # Seen by names alone, the second one stays inside.
    [("x/y/", ""), link("../..", "x/y/up"), link("up/..", "x/y/out")],
])
def test_links_that_lead_out_are_refused(lambda_client, entries):
    message = refusal(lambda_client, package(("bootstrap", RUN), *entries))
    assert "leads out of the package" in message


def test_links_inside_are_kept(create, lambda_client):
    code = bootstraps.python(
        "import os\nserve(lambda event, headers: open(os.environ['LAMBDA_TASK_ROOT'] + '/d/link').read())")
    name = create(Code={"ZipFile": package(("bootstrap", code), link("../note", "d/link"), ("note", "hi"))})
    assert call(lambda_client, name).json == "hi"


def test_nothing_is_written_through_a_link(lambda_client):
    message = refusal(lambda_client, package(link("d", "l"), ("d/x", ""), ("l/y", "")))
    assert "lies below another one that is no folder" in message


@pytest.mark.parametrize("entries", [
    [("a", "1"), ("a", "2")], [("a/b", "1"), ("a/./b", "2")], [("a", "1"), ("a//", "")]])
def test_an_entry_comes_once(lambda_client, entries):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = package(*entries)
    assert "is there twice" in refusal(lambda_client, code)


def test_names_that_differ_in_case_are_two_files(create, lambda_client):
    code = bootstraps.python("""
import os
root = os.environ["LAMBDA_TASK_ROOT"]
serve(lambda event, headers: [open(root + "/a").read(), open(root + "/A").read()])""")
    name = create(Code={"ZipFile": package(("bootstrap", code), ("a", "small"), ("A", "large"))})
    assert call(lambda_client, name).json == ["small", "large"]


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_devices_are_refused(lambda_client, kind):
    message = refusal(lambda_client, package((entry("d", kind | 0o644), "")))
    assert "is neither file, folder nor link" in message


def test_encrypted_entries_are_refused(lambda_client):
    code = bytearray(package(("bootstrap", RUN)))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        code[code.index(signature) + place] |= 1
    assert "is encrypted" in refusal(lambda_client, bytes(code))


def test_a_bomb_is_stopped(lambda_client):
    code = package(("bomb", b"\0" * 262_144_000))
    assert len(code) < 1_000_000
    assert refusal(lambda_client, code) == "Unzipped size must be smaller than 262144000 bytes"


def test_a_bomb_that_lies_about_its_size_is_stopped(lambda_client):
    code = bytearray(package(("bomb", b"\0" * 262_144_001)))
    place = code.index(b"PK\x01\x02")
    code[place + 24:place + 28] = struct.pack("<I", 10)
    assert refusal(lambda_client, bytes(code)) in (
        BROKEN, "Unzipped size must be smaller than 262144000 bytes")


def test_many_small_bombs_are_one(lambda_client):
    code = package(*[(f"bomb{index}", b"\0" * 30_000_000) for index in range(9)])
    assert refusal(lambda_client, code) == "Unzipped size must be smaller than 262144000 bytes"


def test_50_megabytes_are_the_most_in_a_request(lambda_client):
    code = os.urandom(1 << 16) * 801
    error = error_of(lambda_client, lambda c: c.create_function(**arguments(unique("f"), Code={"ZipFile": code})))
    assert (error.status, error.code) == (413, "RequestEntityTooLargeException")
    assert error.message == "Zipped size must be smaller than 52428800 bytes"


def test_a_request_has_its_own_limit(lambda_client):
    code = b"x" * 53_000_000
    error = error_of(lambda_client, lambda c: c.create_function(**arguments(unique("f"), Code={"ZipFile": code})))
    assert (error.status, error.code) == (413, "RequestEntityTooLargeException")
    assert error.message == "Request must be smaller than 70167211 bytes for the CreateFunction operation"


class Unseekable(io.RawIOBase):
    """Makes zipfile write data descriptors."""

    def __init__(self):
        self.bytes = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.bytes += data
        return len(data)


def with_data_descriptors():
    stream = Unseekable()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry("bootstrap"), RUN)
    return bytes(stream.bytes)


def with_zip64():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        with archive.open(entry("bootstrap"), "w", force_zip64=True) as file:
            file.write(RUN.encode())
    return buffer.getvalue()


@pytest.mark.parametrize("make", [
    with_data_descriptors, with_zip64, lambda: package(("./bootstrap", RUN)),
    lambda: package(("bootstrap", RUN), ("ü/é.txt", "")),
    lambda: package((entry("d/", stat.S_IFDIR | 0o555), ""), ("d/x", ""), ("bootstrap", RUN)),
])
def test_other_forms_of_zips_are_taken(create, lambda_client, make):
    assert call(lambda_client, create(Code={"ZipFile": make()})).json == "ran"


def test_a_zip_made_on_windows_says_nothing_of_permissions(create, lambda_client):
    code = package((entry("bootstrap", 0, system=0), RUN))
    result = call(lambda_client, create(Code={"ZipFile": code}))
    assert result.json["errorMessage"].endswith("fork/exec /var/task/bootstrap: permission denied")
