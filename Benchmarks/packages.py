#!/usr/bin/env python3
"""How small zips are and how fast functions start from them: `make bench-packages`.

Every function of the manifest out of the zip that `emulator package` wrote; beside them the health function in Go and
one in Swift as it is ordinarily written and linked, packaged by the same command. Each is started on a Runtime API of
a few lines, in turn with the others, so that ratios hold when the machine's speed drifts. Writes
Benchmarks/results/packages.{md,json}.

Variables: BENCH_STARTS (starts of each function, 21), BENCH_PEERS (the folder with go), BENCH_LOCK.
"""

import json
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import zipfile

from harness import HERE, RELEASE, ROOT, build_go, circumstances, environment, publish, quiet, step, table

STARTS = int(os.environ.get("BENCH_STARTS", "21"))
# After these calls a function's memory is read.
CALLS = 100
GO, FOUNDATION = "Go", "Swift with Foundation"
NEXT = b"GET /2018-06-01/runtime/invocation/next"
EVENT = json.dumps({
    "version": "2.0", "routeKey": "GET /api/v1/health", "rawPath": "/api/v1/health", "rawQueryString": "",
    "headers": {"host": "localhost"},
    "requestContext": {
        "accountId": "000000000000", "apiId": "bench", "domainName": "localhost", "domainPrefix": "localhost",
        "http": {"method": "GET", "path": "/api/v1/health", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                 "userAgent": "bench"},
        "requestId": "bench", "routeKey": "GET /api/v1/health", "stage": "$default",
        "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1767225600000},
    "isBase64Encoded": False}).encode()
HANDED = (
    b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
    b"Lambda-Runtime-Deadline-Ms: 9999999999999\r\nLambda-Runtime-Invoked-Function-Arn: "
    b"arn:aws:lambda:us-east-1:000000000000:function:bench\r\nContent-Type: application/json\r\n"
    b"Content-Length: " + str(len(EVENT)).encode() + b"\r\n\r\n" + EVENT)
TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


# MARK: a Runtime API

class RuntimeAPI:
    """Whatever connections the function opens, its requests come out in order."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.pending = {}

    def request(self):
        """The next complete request and the connection that waits for its answer."""
        while True:
            for connection in self.pending:
                if whole := self.whole(connection):
                    return whole, connection
            ready = self.selector.select(timeout=30)
            if not ready:
                raise SystemExit("a function sends nothing for 30 s")
            for key, _ in ready:
                if key.fileobj is self.listener:
                    connection, _ = self.listener.accept()
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.selector.register(connection, selectors.EVENT_READ)
                    self.pending[connection] = b""
                    continue
                data = key.fileobj.recv(65536)
                if not data:
                    self.selector.unregister(key.fileobj)
                    key.fileobj.close()
                    del self.pending[key.fileobj]
                    continue
                self.pending[key.fileobj] += data

    def whole(self, connection):
        head, found, body = self.pending[connection].partition(b"\r\n\r\n")
        if not found:
            return None
        fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
        length = int(fields.get(b"content-length", b"0"))
        if fields.get(b"transfer-encoding", b"").strip() == b"chunked":
            length = body.find(b"0\r\n\r\n") + 5
            if length == 4:
                return None
        if b"expect" in fields:
            raise SystemExit("a function waits for 100 Continue")
        if len(body) < length:
            return None
        self.pending[connection] = body[length:]
        return head + found + body[:length]

    def close(self):
        for connection in self.pending:
            connection.close()
        self.selector.close()
        self.listener.close()


def once(program, variables, calls=1):
    """Milliseconds from the start to the first poll and of the first invocation; MB resident after `calls`."""
    api = RuntimeAPI()
    began = time.perf_counter()
    process = subprocess.Popen(
        [program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**variables, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.port}"})
    try:
        request, connection = api.request()
        polled = time.perf_counter()
        if not request.startswith(NEXT):
            raise SystemExit(f"{program}: {request[:300]!r}")
        first = None
        for _ in range(calls):
            handed = time.perf_counter()
            connection.sendall(HANDED)
            request, connection = api.request()
            first = first or time.perf_counter() - handed
            if b"/response HTTP/1.1" not in request:
                raise SystemExit(f"{program}: {request[:600]!r}")
            connection.sendall(TAKEN)
            request, connection = api.request()
        with open(f"/proc/{process.pid}/status") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1000 * 1.024
    finally:
        process.kill()
        process.wait()
        api.close()
    return (polled - began) * 1000, first * 1000, resident


# MARK: programs

def build_foundation(folder):
    """The function as others link it; nil when this toolchain cannot."""
    path = os.path.join(folder, "foundation")
    result = subprocess.run(
        ["swiftc", "-O", "-static-stdlib", "-Xlinker", "-s", os.path.join(HERE, "FoundationHandler/main.swift"),
         "-o", path], capture_output=True, text=True)
    if result.returncode:
        step(f"no Swift with Foundation: {result.stderr.strip().splitlines()[-1:]}")
        return None
    return path


def package(*arguments, cwd=ROOT):
    output = subprocess.run(
        [os.path.join(RELEASE, "emulator"), "package", "--skip-build", "--json", *arguments], cwd=cwd, check=True,
        stdout=subprocess.PIPE, text=True, env=environment()).stdout
    return json.loads(output)


def packages(folder):
    """What `emulator package` tells of ours and of the others, by name."""
    found = {line["function"]: line for line in package("--output", os.path.join(folder, "zips"))}
    others = {GO: build_go("GoHandler", folder), FOUNDATION: build_foundation(folder)}
    others = {name: path for name, path in others.items() if path}
    names = {"go": GO, "foundation": FOUNDATION}
    with open(os.path.join(folder, "serverless-manifest.json"), "w") as file:
        json.dump({
            "service": "peers", "httpApi": {"routes": []},
            "functions": {key: {"executable": others[name]} for key, name in names.items() if name in others}}, file)
    for line in package("--output", os.path.join(folder, "others"), cwd=folder):
        found[names[line["function"]]] = line
    return found


def unpack(line, folder):
    with zipfile.ZipFile(line["zip"]) as archive:
        archive.extract("bootstrap", folder)
    path = os.path.join(folder, "bootstrap")
    os.chmod(path, 0o755)
    return path


def measure(folder, lines):
    with open(os.path.join(ROOT, "serverless-manifest.json")) as file:
        variables = {
            **json.load(file)["environment"], "AWS_LAMBDA_FUNCTION_NAME": "bench", "AWS_REGION": "us-east-1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "PATH": "/usr/bin:/bin"}
    programs = {}
    for name, line in lines.items():
        os.makedirs(own := os.path.join(folder, "run", name))
        programs[name] = unpack(line, own)
        once(programs[name], variables)
    times = {name: [] for name in programs}
    for _ in range(STARTS):
        for name, program in programs.items():
            times[name].append(once(program, variables))
    return {
        name: {
            "zippedBytes": lines[name]["zippedBytes"], "unzippedBytes": lines[name]["unzippedBytes"],
            "libraries": lines[name]["libraries"], "glibcFloor": lines[name]["glibcFloor"],
            "initMs": round(statistics.median(one[0] for one in each), 2),
            "firstMs": round(statistics.median(one[1] for one in each), 2),
            "residentMB": round(once(programs[name], variables, CALLS)[2], 1)}
        for name, each in times.items()}


# MARK: report

def verdicts(found):
    ours = {name: one for name, one in found.items() if name not in (GO, FOUNDATION)}
    lines = []

    def say(text, key, limit, unit, scale=1, names=tuple(ours)):
        worst = max(names, key=lambda name: ours[name][key])
        value = ours[worst][key] / scale
        lines.append({"target": text, "met": value <= limit, "found": f"{value:.2f} {unit} ({worst})"})

    say("each zip at most 5 MB", "zippedBytes", 5, "MB", 1e6)
    say("`health` at most 3 MB", "zippedBytes", 3, "MB", 1e6, ("health",))
    say("start of the process to its first poll at most 5 ms, median", "initMs", 5, "ms")
    say("`health`: first invocation at most 2 ms, median", "firstMs", 2, "ms", names=("health",))
    say("at most 30 MB resident", "residentMB", 30, "MB")
    return lines


def report(result):
    rows = [
        (name, f"{one['zippedBytes'] / 1e6:.2f}", f"{one['unzippedBytes'] / 1e6:.2f}", f"{one['initMs']:.2f}",
         f"{one['firstMs']:.2f}", f"{one['residentMB']:.1f}", len(one["libraries"]) or "none",
         one["glibcFloor"] or "none") for name, one in result["functions"].items()]
    return "\n\n".join([
        f"Measured by `make bench-packages` on {result['machine']}, {result['run']}: each function out of its zip, "
        f"on a Runtime API in Python; medians of {STARTS} interleaved starts. Only `health`, {GO} and {FOUNDATION} "
        "do the same work in the first invocation; the other functions answer the health route with 404. MB are "
        "millions of bytes.",
        table(["Target", "Met", "Found"],
              [(v["target"], "yes" if v["met"] else "**no**", v["found"]) for v in result["verdicts"]]),
        table(["Function", "Zip, MB", "Unzipped, MB", "Start to first poll, ms", "First invocation, ms",
               f"Resident after {CALLS} calls, MB", "Libraries", "glibc"], rows)]) + "\n"


def main():
    result = circumstances(STARTS, 0)
    result["run"] = result["run"].replace(f"{STARTS} rounds of 0 s, ", "")
    folder = tempfile.mkdtemp(dir=os.path.join(ROOT, ".build"), prefix="bench-")
    try:
        with quiet():
            step("packaging")
            lines = packages(folder)
            step("starting")
            result["functions"] = measure(folder, lines)
    finally:
        shutil.rmtree(folder)
    result["verdicts"] = verdicts(result["functions"])
    publish("packages", result, report(result))


if __name__ == "__main__":
    main()
