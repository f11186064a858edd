"""The parts of an aborted upload are removed in portions, beside requests. Whenever the process ends meanwhile, the
store is in order, and the next start removes the rest."""

import os
import re
import threading

import pytest
from running import until
from .wire import Connection, Server, verify

PARTS = 1_060
LARGE = {*range(1, 21), *range(1_041, 1_061)}  # in files of their own, at both ends


def blob_files(server):
    return [name for _, _, names in os.walk(os.path.join(server.data, "store", "blobs")) for name in names]


def upload(server):
    """The path and query of an unfinished upload with all its parts."""
    status, answer = server.call("PUT /bucket", b"")
    assert status == 200, answer
    status, answer = server.call("POST /bucket/key?uploads", b"")
    assert status == 200, answer
    place = "/bucket/key?uploadId=" + re.search(rb"<UploadId>(.*)</UploadId>", answer).group(1).decode()

    def send(numbers):
        connection = Connection(server.address)
        for number in numbers:
            body = b"x" * (17_000 if number in LARGE else 1)
            assert connection.exchange(f"PUT {place}&partNumber={number}", body)[0] == 200
        connection.socket.close()

    threads = [threading.Thread(target=send, args=(range(first, PARTS + 1, 16),)) for first in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(blob_files(server)) == len(LARGE)
    return place


# The first commit is the one that ends the upload; two portions follow it.
@pytest.mark.parametrize("fault", [
    "commitAcknowledge:1", "commitWrite:2", "commitAcknowledge:2", "commitWrite:3", "commitAcknowledge:3",
    "blobUnlink:1", "blobUnlink:25"])
def test_whatever_a_kill_leaves_goes_after_the_next_start(fault, tmp_path):
    server = Server(tmp_path)
    place = upload(server)
    server.stop()

    server = Server(tmp_path, "--fault", fault)
    connection = Connection(server.address)
    connection.send(f"DELETE {place}", b"")
    until(lambda: server.process.poll() is not None, "the fault's kill")
    connection.socket.close()
    server.close()
    assert server.process.returncode == -9
    verify(tmp_path)

    server = Server(tmp_path)
    assert server.call(f"GET {place}", b"")[0] == 404
    until(lambda: not blob_files(server), "no file of a part")
    server.stop()
    verify(tmp_path)
