"""The tables of the benchmark and their items, loaded through the API: BatchWriteItem, signed, 25 at a time."""

import json
import selectors
import socket

from harness import call, is_complete, wire

PLAIN, INDEXED = "bench-plain", "bench-indexed"
"""Items that share a partition key."""
PARTITION = 1000


def create(server):
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    text = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "g")]
    common = {"BillingMode": "PAY_PER_REQUEST", "KeySchema": keys}
    call(server, "CreateTable", common | {"TableName": PLAIN, "AttributeDefinitions": text[:2]})
    call(server, "CreateTable", common | {
        "TableName": INDEXED, "AttributeDefinitions": text, "GlobalSecondaryIndexes": [{
            "IndexName": "by-g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"}}]})


def key(number):
    return {"pk": {"S": f"user-{number // PARTITION}"}, "sk": {"S": f"s{number % PARTITION:04d}"}}


def item(number):
    """About 150 bytes, of which half do not compress."""
    return key(number) | {"name": {"S": noise(number)}, "count": {"N": str(number)}, "tags": {"SS": ["a", "b"]}}


def noise(number):
    return f"{number * 0x9E3779B97F4A7C15 & (1 << 64) - 1:016x}{number * 0xC2B2AE3D27D4EB4F & (1 << 64) - 1:016x}" * 2


def batch(start, end):
    """The body of a BatchWriteItem, put together as text: a JSON encoder would be the slowest part of loading."""
    puts = ",".join(
        f'{{"PutRequest":{{"Item":{{"pk":{{"S":"user-{n // PARTITION}"}},"sk":{{"S":"s{n % PARTITION:04d}"}},'
        f'"name":{{"S":"{noise(n)}"}},"count":{{"N":"{n}"}},"tags":{{"SS":["a","b"]}}}}}}}}'
        for n in range(start, end))
    return f'{{"RequestItems":{{"{PLAIN}":[{puts}]}}}}'.encode()


def fill(server, start, end, connections=16):
    """Puts the items with these numbers, each connection one batch at a time."""
    host, port = server.aws.split("//")[1].split(":")
    chooser = selectors.DefaultSelector()
    pending = iter(range(start, end, 25))

    def send(connection):
        first = next(pending, None)
        if first is None:
            chooser.unregister(connection)
            connection.close()
            return False
        connection.sendall(wire(server, "BatchWriteItem", batch(first, min(first + 25, end))))
        return True

    open_connections = 0
    received = {}
    for _ in range(connections):
        connection = socket.create_connection((host, int(port)))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(connection, selectors.EVENT_READ)
        received[connection] = b""
        open_connections += send(connection)
    while open_connections > 0:
        for event, _ in chooser.select():
            connection = event.fileobj
            piece = connection.recv(65536)
            if not piece:
                raise SystemExit(f"{server.name} hung up while it was loaded")
            received[connection] += piece
            if not is_complete(received[connection]):
                continue
            check(received[connection])
            received[connection] = b""
            if not send(connection):
                open_connections -= 1


def fill_slowly(server, start, end):
    """The same for servers that close the connection after each answer."""
    for first in range(start, end, 25):
        call(server, "BatchWriteItem", json.loads(batch(first, min(first + 25, end))))


def check(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or b'"UnprocessedItems":{}' not in body.replace(b" ", b""):
        raise SystemExit(f"loading fails: {answer[:500]}")
