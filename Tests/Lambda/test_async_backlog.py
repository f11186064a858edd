"""Many waiting events: they cost no memory, delay no other function and no start."""

import http.client
import threading
from urllib.parse import urlsplit

import pytest
from running import until

from .collector import Collector
from .conftest import Service

EVENTS, THREADS, BYTES = 6_000, 16, 20_000
MEBIBYTE = 1 << 20


@pytest.fixture
def backlog(tmp_path):
    """A service whose function `stuck` has a backlog of events, with its collector."""
    collector = Collector()
    release = threading.Event()
    collector.answers["stuck"] = lambda one: release.wait(300) and {} or {}
    service = Service(
        tmp_path, {"stuck": collector.function(timeout=600), "free": collector.function()},
        options=("--accept-any-credentials",))
    before = memory(service)
    fill(service)
    yield service, collector, before
    release.set()
    service.emulator.kill()
    collector.close()


def memory(service):
    with open(f"/proc/{service.emulator.process.pid}/statm") as file:
        return int(file.read().split()[1]) * 4096


def fill(service):
    refused = []

    def send():
        connection = http.client.HTTPConnection(urlsplit(service.emulator.aws).netloc)
        for _ in range(EVENTS // THREADS):
            connection.request(
                "POST", "/2015-03-31/functions/stuck/invocations", b'"' + b"x" * BYTES + b'"',
                {"X-Amz-Invocation-Type": "Event"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 202:
                refused.append(answer.status)

    threads = [threading.Thread(target=send) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not refused


def test_a_backlog_costs_no_memory_and_delays_nobody(backlog):
    service, collector, before = backlog
    # The events alone have more than 110 MiB.
    assert memory(service) - before < 64 * MEBIBYTE
    service.call("free", {"n": 1}, InvocationType="Event")
    collector.wait("free")
    service.restart(kill=True)
    assert memory(service) < before + 64 * MEBIBYTE
    service.call("free", {"n": 2}, InvocationType="Event")
    until(lambda: {"n": 2} in collector.events("free"), "the other function after the restart")
