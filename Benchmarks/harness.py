"""What the benchmarks share: servers to measure, requests signed beforehand, wrk to play them, tables to print."""

import base64
import contextlib
import fcntl
import glob
import hashlib
import hmac
import io
import json
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
RELEASE = os.path.join(ROOT, ".build/release")
TOOLS = os.path.dirname(sys.executable)
PEERS = os.environ.get("BENCH_PEERS", TOOLS)


def step(text):
    print(f"==> {text}", file=sys.stderr, flush=True)


def environment(extra=None):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "OPENAI_", "OPENWEATHER_"))}
    kept.update(extra or {})
    return kept


@contextlib.contextmanager
def quiet():
    """Holds the lock that BENCH_LOCK names, if any: builds on this machine that take it too wait meanwhile."""
    path = os.environ.get("BENCH_LOCK")
    if not path:
        yield
        return
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Server:
    """A process that is stopped and waited for."""

    process = None

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        if self.process.stdout:
            self.process.stdout.close()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def memory_mb(self, field="VmRSS"):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(field + r":\s+(\d+)", status.read()).group(1)) / 1024

    resident_mb = memory_mb


class Emulator(Server):
    name = "emulator"

    def __init__(self, folder, *arguments):
        start = time.perf_counter()
        self.process = subprocess.Popen(
            [os.path.join(RELEASE, "emulator"), "start", "--json", "--data", folder, "--port", "0",
             "--aws-port", "0", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment())
        line = self.process.stdout.readline()
        self.ready_ms = (time.perf_counter() - start) * 1000
        self.ready = json.loads(line)
        self.gateway, self.aws = self.ready["gateway"], self.ready["aws"]


class BareHTTP(Server):
    """The emulator's HTTP server with nothing behind it."""

    def __init__(self):
        self.process = subprocess.Popen(
            [os.path.join(RELEASE, "BareHTTP")], stdout=subprocess.PIPE, text=True, env=environment())
        self.url = self.process.stdout.readline().strip()


class Peer(Server):
    def __init__(self, command, health, variables):
        self.aws = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(variables))
        for _ in range(300):
            try:
                urllib.request.urlopen(self.aws + health, timeout=1).read()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{self.name} does not start")

    @staticmethod
    def free_port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]


class Moto(Peer):
    name = "moto"

    def __init__(self):
        self.port = self.free_port()
        super().__init__(
            [os.path.join(PEERS, "moto_server"), "-H", "127.0.0.1", "-p", str(self.port)], "/moto-api/", {})


class MiniStack(Peer):
    name = "MiniStack"

    def __init__(self, services="dynamodb"):
        self.port = self.free_port()
        super().__init__(
            [os.path.join(PEERS, "ministack")], "/_ministack/health",
            {"GATEWAY_PORT": str(self.port), "SERVICES": services, "LOG_LEVEL": "ERROR"})

    def ask(self, service, path, document):
        """A call of an API that speaks REST and JSON; which service is meant stands in the signature, which nobody
        checks there."""
        request = urllib.request.Request(
            self.aws + path, data=json.dumps(document).encode(), headers={
                "Content-Type": "application/json",
                "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, "
                                 "SignedHeaders=host, Signature=0"})
        with urllib.request.urlopen(request) as response:
            return json.loads(response.read())

    def create_function(self, name, program, variables):
        """The same bootstrap as in the emulator; its ARN."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file, open(program, "rb") as source:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            file.writestr(entry, source.read(), zipfile.ZIP_DEFLATED)
        return self.ask("lambda", "/2015-03-31/functions", {
            "FunctionName": name, "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 30,
            "Role": f"arn:aws:iam::000000000000:role/{name}", "Environment": {"Variables": variables},
            "Code": {"ZipFile": base64.b64encode(archive.getvalue()).decode()}})["FunctionArn"]


class Nginx(Server):
    """Debian's nginx with its own settings for speed, without logs. `location` is what its server does, `more` what
    stands beside the server."""

    name = "nginx"

    def __init__(self, folder, location, more):
        port = Peer.free_port()
        self.url = self.aws = f"http://127.0.0.1:{port}"
        path = os.path.join(folder, "nginx.conf")
        scratch = "".join(
            f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(path, "w") as file:
            file.write(
                f"daemon off; worker_processes auto; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
                + ("user root;\n" if os.getuid() == 0 else "")
                + "events { worker_connections 2048; }\n"
                f"http {{ access_log off; keepalive_requests 1000000000; {more}\n{scratch}"
                f"server {{ listen 127.0.0.1:{port} backlog=4096; {location} }} }}\n")
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-e", f"{folder}/error.log", "-c", path])
        self.wait(port)

    @classmethod
    def files(cls, folder, files):
        """The files of one folder."""
        return cls(folder, f"root {files};", "sendfile on; tcp_nopush on;")

    @classmethod
    def proxy(cls, folder, backend):
        """A reverse proxy that keeps its connections."""
        return cls(
            folder, 'location / { proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; }',
            f"upstream behind {{ server {backend.split('//')[1]}; keepalive 512; keepalive_requests 1000000000; }}")

    @staticmethod
    def wait(port):
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"nothing listens on port {port}")


def build_go(name, folder):
    """The Go program in a folder beside this file as one static file; nil when there is no Go."""
    compiler, path = os.path.join(PEERS, "go"), os.path.join(folder, name)
    if not os.path.exists(compiler):
        return None
    subprocess.run(
        [compiler, "build", "-ldflags=-s -w", "-o", path, *sorted(glob.glob(os.path.join(HERE, name, "*.go")))],
        check=True,
        env=environment({
            "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOPROXY": "off", "HOME": folder,
            "GOCACHE": os.path.join(folder, "go-cache")}))
    return path


# MARK: plain and signed requests


def get(url, path):
    return [f"GET {path} HTTP/1.1\r\nHost: {url.split('//')[1]}\r\n\r\n".encode()]


def sign(host, operation, body, *, key="test", secret="test", region="us-east-1"):
    """Header fields of one request, by Signature Version 4. Botocore's own signer takes ten times as long."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    target = "DynamoDB_20120810." + operation
    headers = {
        "content-type": "application/x-amz-json-1.0", "host": host, "x-amz-date": now, "x-amz-target": target}
    names = ";".join(headers)
    fields = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"POST\n/\n\n{fields}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{now[:8]}/{region}/dynamodb/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(signing_key(secret, now[:8], region), text.encode(), "sha256").hexdigest()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}")
    return headers


_keys = {}


def signing_key(secret, day, region, service="dynamodb"):
    if (secret, day, region, service) not in _keys:
        value = ("AWS4" + secret).encode()
        for part in (day, region, service, "aws4_request"):
            value = hmac.new(value, part.encode(), "sha256").digest()
        _keys[secret, day, region, service] = value
    return _keys[secret, day, region, service]


def wire(server, operation, parameters):
    """The whole request as bytes."""
    host = server.aws.split("//")[1]
    body = parameters if isinstance(parameters, bytes) else json.dumps(parameters).encode()
    lines = [f"{name}: {value}" for name, value in sign(host, operation, body).items()]
    return "\r\n".join(["POST / HTTP/1.1", *lines, f"content-length: {len(body)}", "", ""]).encode() + body


def call(server, operation, parameters):
    body = json.dumps(parameters).encode()
    headers = sign(server.aws.split("//")[1], operation, body)
    request = urllib.request.Request(server.aws + "/", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request) as response:
            return json.loads(response.read())
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{server.name} {operation}: {error.code} {error.read()[:500]}")


# MARK: wrk


def is_complete(answer):
    """Whether these bytes are a head and as much body as it announces."""
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(body) >= int(value)
    if head.startswith(b"HTTP/1.1 204"):
        return True
    raise SystemExit(f"an answer without length: {head[:200]}")


def lua(value):
    """A Lua string literal of these bytes."""
    if isinstance(value, str):
        value = value.encode()
    plain = set(range(0x20, 0x7F)) - {0x22, 0x5C}
    return '"' + "".join(chr(b) if b in plain else f"\\{b:03d}" for b in value) + '"'


def play(url, requests, connections, seconds, *, may_fail=False):
    """Plays whole requests in turn. Requests a second, and percentiles in milliseconds; fails on any answer
    that is not 2xx."""
    script = "local requests = {\n" + ",\n".join(lua(r) for r in requests) + "}\nlocal i = 0\n"
    script += "function request() i = i % #requests + 1; return requests[i] end\n"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        return wrk(url, ["-s", file.name], connections, seconds, may_fail)


def wrk(url, options, connections, seconds, may_fail=False):
    output = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency", *options, url],
        check=True, capture_output=True, text=True).stdout
    if not may_fail and ("Non-2xx" in output or "Socket errors" in output) or "Requests/sec" not in output:
        raise SystemExit(f"{url}: {output}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    times = {}
    for percent in ("50%", "99%"):
        value, unit = re.search(percent + r"\s+([\d.]+)(us|ms|s|m)\b", output).groups()
        times[percent] = float(value) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]
    found = {"rate": rate, "p50": times["50%"], "p99": times["99%"]}
    if sent := re.search(r"Requests sent: (\d+)", output):
        found["sent"] = int(sent.group(1))
    return found


def medians(rounds):
    """Of what `play` found in each round, by the load's name."""
    return {
        name: {field: statistics.median(one[field] for one in each) for field in ("rate", "p50", "p99")}
        for name, each in rounds.items()}


def circumstances(rounds, seconds):
    return {
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "run": f"{time.strftime('%Y-%m-%d %H:%M')}, {rounds} rounds of {seconds} s, load average "
               f"{os.getloadavg()[0]:.1f} at the start"}


def publish(name, result, text):
    """Keeps a result for programs and for people, and prints the latter."""
    folder = os.path.join(HERE, "results")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{name}.json"), "w") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    with open(os.path.join(folder, f"{name}.md"), "w") as file:
        file.write(text)
    print(text)


def table(header, rows):
    """A Markdown table; the first column is text."""
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])
