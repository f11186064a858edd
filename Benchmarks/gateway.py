#!/usr/bin/env python3
"""How fast the gateway is: `make bench-gateway`.

The counter's whole way (gateway, function process, signed durable UpdateItem, answer) beside a Go program of the same
topology and the same bootstrap behind an HTTP API of MiniStack, a route that is passed on to another server beside
nginx doing the same, and a table of 10,000 routes beside one of ten. A bare HTTP answer is what the server can give at
most. All in one run on one machine, the rounds interleaved. Writes Benchmarks/results/gateway.{md,json}.

Variables: BENCH_SECONDS (a measurement, 2), BENCH_ROUNDS (3), BENCH_PEERS (the folder with ministack and go).
"""

import json
import os
import subprocess
import tempfile
import time

from harness import (
    RELEASE, ROOT, BareHTTP, Emulator, MiniStack, Nginx, Peer, build_go, call, circumstances, environment, get, medians,
    play, publish, step, table)

SECONDS, ROUNDS = int(os.environ.get("BENCH_SECONDS", "2")), int(os.environ.get("BENCH_ROUNDS", "3"))
CONNECTIONS = [1, 64, 256]
ENVIRONMENTS = 2
INCREMENT = "/api/v1/counter/increment"
BARE, OURS, GO, PEER, PROXY, NGINX, FEW, MANY = (
    "bare HTTP answer", "counter increment, Swift", "counter increment, Go", "counter increment, MiniStack",
    "proxied route, emulator", "proxied route, nginx", "10 routes", "10,000 routes")


# MARK: servers

def manifest(folder, name, functions=None, routes=()):
    with open(os.path.join(ROOT, "serverless-manifest.json")) as file:
        whole = json.load(file)
    whole = {key: whole[key] for key in ("service", "environment", "tables")} | {
        "functions": functions or {}, "httpApi": {"routes": list(routes)}}
    path = os.path.join(folder, f"{name}.json")
    with open(path, "w") as file:
        json.dump(whole, file)
    return path


def counter(folder, connections):
    """The counter in two environments that share the calls."""
    function = {
        "executable": os.path.join(RELEASE, "counter"), "memorySize": 256, "timeout": 10,
        "reservedConcurrency": connections,
        "concurrencyPerEnvironment": min(64, max(1, connections // ENVIRONMENTS))}
    name = f"counter-{connections}"
    path = manifest(folder, name, {"counter": function}, [{"route": f"POST {INCREMENT}", "function": "counter"}])
    return Emulator(os.path.join(folder, name), "--manifest", path)


def proxy(folder, backend):
    path = manifest(folder, "proxy", routes=[{"route": "GET /{path+}", "url": f"{backend}/{{path}}"}])
    return Emulator(os.path.join(folder, "proxy"), "--manifest", path)


def routed(folder, count, backend):
    """All routes but one are only there to be passed by."""
    routes = [{"route": f"GET /part{n % 97}/thing{n}/{{id}}", "url": backend} for n in range(count - 1)]
    routes.append({"route": "GET /part1/wanted/{id}", "url": backend})
    path = manifest(folder, f"routes-{count}", routes=routes)
    return Emulator(os.path.join(folder, f"routes-{count}"), "--manifest", path)


class GoTopology:
    """A gateway process and two function processes in Go; nil when there is no Go."""

    def __init__(self, folder, program):
        ports = [Peer.free_port() for _ in range(1 + ENVIRONMENTS)]
        addresses = [f"127.0.0.1:{port}" for port in ports]
        self.url = f"http://{addresses[0]}"
        commands = [["function", address, addresses[0]] for address in addresses[1:]]
        commands.append(["gateway", addresses[0], os.path.join(folder, "go-store"), *addresses[1:]])
        self.processes = [subprocess.Popen([program, *command], env=environment()) for command in commands]
        for port in ports:
            Nginx.wait(port)

    def stop(self):
        for process in self.processes:
            process.terminate()
            process.wait(timeout=60)


def counter_in_peer(peer):
    """The same bootstrap, table and route in the other server; where the route is."""
    with open(os.path.join(ROOT, "serverless-manifest.json")) as file:
        whole = json.load(file)
    table = {name: value for name, value in whole["tables"][0].items() if name != "TimeToLive"}
    call(peer, "CreateTable", table)
    function = peer.create_function(
        "counter", os.path.join(RELEASE, "counter"), whole["environment"] | {"AWS_ENDPOINT_URL": peer.aws})
    api = peer.ask("apigateway", "/v2/apis", {"name": "counter", "protocolType": "HTTP"})["apiId"]
    integration = peer.ask("apigateway", f"/v2/apis/{api}/integrations", {
        "integrationType": "AWS_PROXY", "integrationUri": function, "payloadFormatVersion": "2.0"})["integrationId"]
    peer.ask("apigateway", f"/v2/apis/{api}/routes", {
        "routeKey": f"POST {INCREMENT}", "target": f"integrations/{integration}"})
    peer.ask("apigateway", f"/v2/apis/{api}/stages", {"stageName": "$default", "autoDeploy": True})
    return f"/_aws/execute-api/{api}/$default{INCREMENT}"


# MARK: requests

def increments(url, path=INCREMENT):
    """Each for another of a thousand pictures."""
    host, requests = url.split("//")[1], []
    for number in range(1000):
        body = json.dumps({"resource_id": f"image-{number:04d}", "counter_type": "likes"})
        requests.append((
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
    return requests


# MARK: measurements

def plans(servers, count):
    bare = servers["bare"].url.rstrip("/")
    yield BARE, bare, get(bare, "/")
    ours = servers["counter", count].gateway
    yield OURS, ours, increments(ours)
    if go := servers.get("go"):
        yield GO, go.url, increments(go.url)
    if count <= 64:
        peer = servers["peer"]
        yield PEER, peer.aws, increments(peer.aws, peer.increment)
    proxied, rival = servers["proxy"].gateway, servers["nginx"].url
    yield PROXY, proxied, get(proxied, "/a/b")
    yield NGINX, rival, get(rival, "/a/b")
    if count == 64:
        for name, key in ((FEW, "few"), (MANY, "many")):
            url = servers[key].gateway
            yield name, url, get(url, "/part1/wanted/7")


def measure(servers):
    """Medians over the rounds, what is compared one after the other."""
    found = {}
    for turn in range(ROUNDS):
        for count in CONNECTIONS:
            for name, url, requests in plans(servers, count):
                step(f"round {turn + 1}: {name}, {count} connections")
                if turn == 0 and name != BARE:
                    play(url + "/", requests, count, 1, may_fail=name == PEER)
                time.sleep(0.5)
                got = play(url + "/", requests, count, SECONDS, may_fail=name == PEER)
                found.setdefault(f"{name}@{count}", []).append(got)
    return medians(found)


# MARK: report

def verdicts(loads):
    lines = []

    def say(text, is_met, found):
        lines.append({"target": text, "met": bool(is_met), "found": found})

    def rate(name, count):
        return loads[f"{name}@{count}"]["rate"] if f"{name}@{count}" in loads else None

    best = max(rate(OURS, count) for count in CONNECTIONS)
    tail = min(loads[f"{OURS}@{count}"]["p99"] for count in CONNECTIONS if rate(OURS, count) == best)
    say("21,000 increments a second with p99 under 30 ms (of the first design, larger hardware)",
        best >= 21_000 and tail < 30, f"{best:,.0f}, {tail:.1f} ms")
    for count in CONNECTIONS:
        if theirs := rate(GO, count):
            ratio = rate(OURS, count) / theirs
            say(f"1.5 times the Go topology, {count} connections", ratio >= 1.5, f"{ratio:.2f}")
        if theirs := rate(PEER, count):
            say(f"ahead of MiniStack, {count} connections", rate(OURS, count) > theirs,
                f"{rate(OURS, count) / theirs:,.0f} times")
        ratio = rate(PROXY, count) / rate(NGINX, count)
        say(f"0.8 of nginx's proxy, {count} connections", ratio >= 0.8, f"{ratio:.2f}")
    ratio = rate(FEW, 64) / rate(MANY, 64)
    say("10,000 routes cost at most 1.2 times as much as 10", ratio <= 1.2, f"{ratio:.2f}")
    return lines


def report(result):
    loads, rows = result["loads"], []
    for key, load in sorted(loads.items(), key=lambda item: int(item[0].split("@")[1])):
        name, count = key.split("@")
        bare = loads[f"{BARE}@{count}"]["rate"]
        rows.append((
            name, count, f"{load['rate']:,.0f}", f"{load['p50']:.3f}", f"{load['p99']:.2f}",
            f"{load['rate'] / bare:.2f}"))
    return "\n\n".join([
        f"Measured by `make bench-gateway` on {result['machine']}, {result['run']}: requests played by wrk on the same "
        "cores; medians of interleaved rounds. An increment is durable before it is answered, in Swift and in Go; "
        "MiniStack keeps it in memory.",
        table(["Target", "Met", "Found"],
              [(v["target"], "yes" if v["met"] else "**no**", v["found"]) for v in result["verdicts"]]),
        table(["Load", "Connections", "Requests/s", "p50, ms", "p99, ms", "of bare HTTP"], rows)]) + "\n"


def main():
    result = circumstances(ROUNDS, SECONDS)
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".build"), prefix="bench-") as folder:
        program, servers = build_go("GoTopology", folder), {}
        try:
            servers["bare"] = BareHTTP()
            backend = servers["bare"].url.rstrip("/")
            for count in CONNECTIONS:
                servers["counter", count] = counter(folder, count)
            if program:
                servers["go"] = GoTopology(folder, program)
            servers["peer"] = MiniStack("dynamodb,lambda,apigateway")
            servers["peer"].increment = counter_in_peer(servers["peer"])
            servers["proxy"] = proxy(folder, backend)
            servers["nginx"] = Nginx.proxy(folder, backend)
            servers["few"], servers["many"] = routed(folder, 10, backend), routed(folder, 10_000, backend)
            result["loads"] = measure(servers)
        finally:
            for server in reversed(servers.values()):
                server.stop()
    result["verdicts"] = verdicts(result["loads"])
    publish("gateway", result, report(result))


if __name__ == "__main__":
    main()
