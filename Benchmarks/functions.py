#!/usr/bin/env python3
"""How fast functions are called: `make bench-lambda`.

The same `health` function through the Invoke API and through the gateway, in two execution environments that share
the calls; beside it the same function in Go, the same bootstrap in MiniStack, and a bare HTTP answer as what the
server can give at most. All in one run on one machine, the rounds interleaved. Writes
Benchmarks/results/functions.{md,json}.

Variables: BENCH_SECONDS (a measurement, 2), BENCH_ROUNDS (3), BENCH_PEERS (the folder with ministack and go).
"""

import hashlib
import hmac
import json
import os
import socket
import statistics
import tempfile
import time

from harness import (
    RELEASE, ROOT, BareHTTP, Emulator, MiniStack, build_go, circumstances, get, is_complete, medians, play, publish,
    signing_key, step, table)

SECONDS, ROUNDS = int(os.environ.get("BENCH_SECONDS", "2")), int(os.environ.get("BENCH_ROUNDS", "3"))
CONNECTIONS = [1, 32, 64, 256]
ENVIRONMENTS, STARTS = 2, 21
PATH = "/api/v1/health"
BARE, GATEWAY, INVOKE, GO, PEER = (
    "bare HTTP answer", "gateway, Swift", "Invoke API, Swift", "gateway, Go", "MiniStack, Invoke API, Swift")


# MARK: functions

def start(folder, name, program, connections):
    """An emulator whose one function serves as many calls as there are connections, in two environments."""
    with open(os.path.join(ROOT, "serverless-manifest.json")) as file:
        variables = json.load(file)["environment"]
    path = os.path.join(folder, f"{name}-{connections}.json")
    with open(path, "w") as file:
        json.dump({
            "service": "bench", "environment": variables,
            "functions": {"health": {
                "executable": program, "memorySize": 256, "timeout": 30, "reservedConcurrency": connections,
                "concurrencyPerEnvironment": min(64, max(1, connections // ENVIRONMENTS))}},
            "httpApi": {"routes": [{"route": "GET " + PATH, "function": "health"}]}}, file)
    return Emulator(os.path.join(folder, f"{name}-{connections}"), "--manifest", path)


def event(number):
    """What the gateway makes of a request."""
    return json.dumps({
        "version": "2.0", "routeKey": "GET " + PATH, "rawPath": PATH, "rawQueryString": "",
        "headers": {"host": "localhost", "x-amzn-trace-id": f"Root=1-00000000-{number:024x}"},
        "requestContext": {
            "accountId": "000000000000", "apiId": "bench", "domainName": "localhost", "domainPrefix": "localhost",
            "http": {"method": "GET", "path": PATH, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                     "userAgent": "bench"},
            "requestId": f"{number:012d}", "routeKey": "GET " + PATH, "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1767225600000},
        "isBase64Encoded": False}).encode()


def invocation(server, number):
    """One signed call of the Invoke API, as bytes."""
    host, path, body = server.aws.split("//")[1], "/2015-03-31/functions/health/invocations", event(number)
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    digest = hashlib.sha256(body).hexdigest()
    request = f"POST\n{path}\n\nhost:{host}\nx-amz-date:{now}\n\nhost;x-amz-date\n{digest}"
    scope = f"{now[:8]}/us-east-1/lambda/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = signing_key("test", now[:8], "us-east-1", "lambda")
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    return (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nX-Amz-Date: {now}\r\nAuthorization: AWS4-HMAC-SHA256 "
        f"Credential=test/{scope}, SignedHeaders=host;x-amz-date, Signature={signature}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n").encode() + body


# MARK: measurements

def warm(emulators, bare, peer):
    """Medians over the rounds, each number of connections with all of its rivals in turn."""
    found = {}
    for turn in range(ROUNDS):
        for count in CONNECTIONS:
            ours = emulators["swift", count]
            plans = [
                (BARE, bare.url.rstrip("/"), get(bare.url.rstrip("/"), "/")),
                (GATEWAY, ours.gateway, get(ours.gateway, PATH)),
                (INVOKE, ours.aws, [invocation(ours, n) for n in range(200)])]
            if theirs := emulators.get(("go", count)):
                plans.append((GO, theirs.gateway, get(theirs.gateway, PATH)))
            if count <= 32:
                plans.append((PEER, peer.aws, [invocation(peer, n) for n in range(20)]))
            for name, url, requests in plans:
                step(f"round {turn + 1}: {name}, {count} connections")
                if turn == 0 and name != BARE:
                    play(url + "/", requests, count, 1, may_fail=name == PEER)
                # Calls that wrk has given up at its end are still running, and count.
                time.sleep(0.5)
                got = play(url + "/", requests, count, SECONDS, may_fail=name == PEER)
                found.setdefault(f"{name}@{count}", []).append(got)
    return medians(found)


def cold(folder, programs):
    """Milliseconds from a request to its answer where a process has to be started for it: the first one after each
    start of the emulator."""
    times = {name: [] for name in programs}
    for _ in range(STARTS):
        for name, program in programs.items():
            emulator = start(folder, name, program, 1)
            try:
                times[name].append(first_answer(emulator))
            finally:
                emulator.stop()
    return {name: round(statistics.median(each), 2) for name, each in times.items()}


def first_answer(emulator):
    host, port = emulator.gateway.split("//")[1].split(":")
    with socket.create_connection((host, int(port))) as connection:
        begin = time.perf_counter()
        connection.sendall(get(emulator.gateway, PATH)[0])
        received = b""
        while not is_complete(received):
            received += connection.recv(65536)
        took = (time.perf_counter() - begin) * 1000
    if not received.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"{PATH}: {received[:500]}")
    return took


# MARK: report

def verdicts(result):
    loads, lines = result["loads"], []

    def say(text, is_met, found):
        lines.append({"target": text, "met": bool(is_met), "found": found})

    middle = loads[f"{GATEWAY}@1"]["p50"]
    say("a call through gateway and Runtime API under 0.3 ms, 1 connection", middle < 0.3, f"{middle:.2f} ms")
    rate = max(loads[f"{GATEWAY}@64"]["rate"], loads[f"{INVOKE}@64"]["rate"])
    say("25,000 invocations a second, 64 connections, two environments", rate >= 25_000, f"{rate:,.0f}")
    start = result["coldMs"]["swift"]
    say("spawn to first answer under 10 ms", start < 10, f"{start:.1f} ms")
    for count in (1, 32):
        ratio = loads[f"{INVOKE}@{count}"]["rate"] / loads[f"{PEER}@{count}"]["rate"]
        say(f"20 times MiniStack, {count} connections", ratio >= 20, f"{ratio:,.0f}")
    return lines


def report(result):
    loads = result["loads"]
    rows = []
    for count in CONNECTIONS:
        bare = loads[f"{BARE}@{count}"]["rate"]
        for name in (BARE, GATEWAY, INVOKE, GO, PEER):
            if load := loads.get(f"{name}@{count}"):
                rows.append((
                    name, count, f"{load['rate']:,.0f}", f"{load['p50']:.3f}", f"{load['p99']:.2f}",
                    f"{load['rate'] / bare:.2f}"))
    return "\n\n".join([
        f"Measured by `make bench-lambda` on {result['machine']}, {result['run']}: the `health` function, warm, in "
        f"{ENVIRONMENTS} environments that share the calls, requests played by wrk on the same cores; medians of "
        "interleaved rounds.",
        table(["Target", "Met", "Found"],
              [(v["target"], "yes" if v["met"] else "**no**", v["found"]) for v in result["verdicts"]]),
        table(["Load", "Connections", "Requests/s", "p50, ms", "p99, ms", "of bare HTTP"], rows),
        "First answer of a function without a process, through the gateway, median of "
        f"{STARTS}: " + ", ".join(f"{name} {took} ms" for name, took in result["coldMs"].items()) + "."]) + "\n"


def main():
    result = circumstances(ROUNDS, SECONDS)
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build"), prefix="bench-") as folder:
        programs = {"swift": os.path.join(RELEASE, "health")}
        if go := build_go("GoHandler", folder):
            programs["go"] = go
        step("first answers")
        result["coldMs"] = cold(folder, programs)
        servers = [bare := BareHTTP(), peer := MiniStack("lambda")]
        try:
            with open(os.path.join(ROOT, "serverless-manifest.json")) as file:
                peer.create_function("health", programs["swift"], json.load(file)["environment"])
            emulators = {}
            for name, program in programs.items():
                for count in CONNECTIONS:
                    emulators[name, count] = start(folder, name, program, count)
                    servers.append(emulators[name, count])
            result["loads"] = warm(emulators, bare, peer)
        finally:
            for server in servers:
                server.stop()
    result["verdicts"] = verdicts(result)
    publish("functions", result, report(result))


if __name__ == "__main__":
    main()
