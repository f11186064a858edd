"""What the benchmark of the tables asks for: signed requests of each kind, and how long each is played."""

import os
import random

import loading
from harness import wire

SECONDS, ROUNDS = int(os.environ.get("BENCH_SECONDS", "2")), int(os.environ.get("BENCH_ROUNDS", "3"))
DISTINCT, SMALL = 500, 10_000
CEILING = "GET / (ceiling)"


def requests(server, name, items=SMALL, count=DISTINCT):
    """Distinct signed requests of one kind, for the tables of `loading`."""
    draw = random.Random(3)

    def key():
        return loading.key(draw.randrange(items))

    def query(limit):
        at = key()
        low = {"S": "s0000"} if limit == loading.PARTITION else at["sk"]
        return {
            "TableName": loading.PLAIN, "Limit": limit,
            "KeyConditionExpression": "pk = :p AND sk >= :s",
            "ExpressionAttributeValues": {":p": at["pk"], ":s": low}}

    def put():
        return loading.item(draw.randrange(items)) | {"g": {"S": f"g{draw.randrange(100)}"}}

    makers = {
        "GetItem": lambda: ("GetItem", {"TableName": loading.PLAIN, "Key": key()}),
        "PutItem, one GSI": lambda: ("PutItem", {"TableName": loading.INDEXED, "Item": put()}),
        "UpdateItem ADD": lambda: ("UpdateItem", {
            "TableName": loading.PLAIN, "Key": key(), "UpdateExpression": "ADD hits :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}}}),
        "Query of 10": lambda: ("Query", query(10)),
        "Query of 1,000": lambda: ("Query", query(loading.PARTITION)),
        "TransactWriteItems of 4": lambda: ("TransactWriteItems", {"TransactItems": [
            {"Put": {"TableName": loading.PLAIN, "Item": loading.item(n)}}
            for n in draw.sample(range(items), 4)]}),
        "Scan of 1 MB": lambda: ("Scan", {"TableName": loading.PLAIN, "Segment": draw.randrange(2), "TotalSegments": 2}),
    }
    if name == CEILING:
        host = server.aws.split("//")[1]
        return [f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()]
    return [wire(server, *makers[name]()) for _ in range(min(count, 20) if "Scan" in name else count)]


OPERATIONS = [
    "GetItem", "PutItem, one GSI", "UpdateItem ADD", "Query of 10", "Query of 1,000", "TransactWriteItems of 4",
    "Scan of 1 MB"]
