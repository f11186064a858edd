"""Writers that know exactly what a table must hold after a crash.

Each writer owns its keys, so what was acknowledged is what is stored. The one request that a crash cut off may have
been carried out or not, but as a whole.
"""

import random
import time

TABLE, OTHER = "load", "load-other"
KINDS = ("put", "update", "delete", "condition", "batch", "transact", "expiry", "move")

# So that `verify` can hold each image against the one before it and the last one against the item.
STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}

DEFINITION = {
    "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST", "StreamSpecification": STREAM,
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in
                             [("pk", "S"), ("sk", "N"), ("group", "S"), ("rank", "N")]],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [
        {"IndexName": "groups", "Projection": {"ProjectionType": "ALL"},
         "KeySchema": [{"AttributeName": "group", "KeyType": "HASH"}, {"AttributeName": "rank", "KeyType": "RANGE"}]}],
    "LocalSecondaryIndexes": [
        {"IndexName": "ranks", "Projection": {"ProjectionType": "KEYS_ONLY"},
         "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "rank", "KeyType": "RANGE"}]}]}
OTHER_DEFINITION = {
    "TableName": OTHER, "BillingMode": "PAY_PER_REQUEST", "StreamSpecification": STREAM,
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]}


def make_tables(server):
    for definition in (DEFINITION, OTHER_DEFINITION):
        server.ok("CreateTable", definition)
    server.ok("UpdateTimeToLive", {
        "TableName": TABLE, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires"}})


def number(value):
    return {"N": str(value)}


class Step:
    """One request, what it makes of which keys when it succeeds, and how it is expected to end."""

    def __init__(self, operation, body, changes, failure=None, expired=None):
        self.operation, self.body, self.changes, self.failure = operation, body, changes, failure
        # A key whose item may have expired; then the condition fails and the item is gone.
        self.expired = expired
        self.sent = self.answered = None  # nanoseconds of the monotonic clock


class Writer:
    """Sends requests of one kind. `state` maps (table, pk, sk) to the item that must be stored there."""

    def __init__(self, place, seed, keys=12, sizes=(5, 5, 50, 200, 200, 1000, 1000, 6000)):
        self.kind = KINDS[place % len(KINDS)]
        self.name = f"{self.kind}-{place}"
        self.random = random.Random(f"{seed}/{place}")
        self.state, self.keys, self.sizes = {}, keys, sizes
        self.pending = None
        self.count = 0
        self.history = None  # a list keeps every step with its times

    # What `drive` calls

    def next(self):
        # A transaction that was cut off is sent again under its token: it must not be carried out twice.
        if self.pending is None or self.kind != "transact":
            self.count += 1
            self.pending = getattr(self, self.kind)()
            if self.history is not None:
                self.history.append(self.pending)
                self.pending.sent = time.monotonic_ns()
        return self.pending.operation, self.pending.body

    def done(self, status, answer):
        step, self.pending = self.pending, None
        step.answered = time.monotonic_ns()
        failure = None if status == 200 else answer["__type"].split("#")[-1]
        if step.expired and failure == "ConditionalCheckFailedException":
            old = self.state.pop(step.expired)
            assert int(old["expires"]["N"]) <= time.time(), f"{self.name}: expired too early: {old}"
            step.changes = {step.expired: None}
            return
        assert failure == step.failure, f"{self.name}: {step.operation} {step.body}: {status} {answer}"
        if failure is None:
            apply(self.state, step.changes)
            assert not answer.get("UnprocessedItems"), answer

    # After a crash

    def check(self, found, now):
        """Compares with the items found under this writer's keys, and goes on from there."""
        self.compare(self.state, self.pending, found, now)
        if self.kind != "transact":
            self.pending = None
        self.state = found

    def check_at(self, moment, found, now):
        """Compares with what must have been stored at a moment of the monotonic clock."""
        state, pending = {}, None
        for step in self.history:
            if step.answered is not None and step.answered < moment:
                if step.failure is None:
                    apply(state, step.changes)
            elif step.sent < moment:
                pending = step
        self.compare(state, pending, found, now)

    def compare(self, before, pending, found, now):
        if matches(before, found, now):
            return
        after = None
        if pending and not pending.failure:
            after = dict(before)
            apply(after, pending.changes)
        assert after is not None and matches(after, found, now), self.difference(before, after, found)

    def difference(self, before, after, found):
        lines = [f"{self.name}: what is stored is neither what was acknowledged nor that with the request cut off"]
        for key in sorted({*before, *found, *(after or {})}):
            old, new, got = before.get(key), (after or before).get(key), found.get(key)
            if got != old:
                lines.append(f"  {key}: acknowledged {str(old)[:200]}, cut off {str(new)[:200]}, found {str(got)[:200]}")
        return "\n".join(lines)

    # Steps by kind

    def key(self, sort=None):
        return TABLE, self.name, str(self.random.randrange(self.keys) if sort is None else sort)

    def item(self, key, **more):
        text = chr(97 + self.count % 26) * self.random.choice(self.sizes)
        return {"pk": {"S": key[1]}, "sk": {"N": key[2]}, "count": number(self.count), "text": {"S": text}, **more}

    def ranked(self, key):
        if self.random.random() < 0.3:
            return self.item(key)
        return self.item(key, group={"S": f"g{self.random.randrange(5)}"}, rank=number(self.random.randrange(100)))

    def put(self):
        key = self.key()
        item = self.ranked(key)
        return Step("PutItem", {"TableName": TABLE, "Item": item}, {key: item})

    def update(self):
        key = self.key()
        old = self.state.get(key, names(key))
        new = {**old, "total": number(int(old.get("total", {"N": "0"})["N"]) + self.count),
               "log": {"L": old.get("log", {"L": []})["L"] + [number(self.count)]}}
        if len(new["log"]["L"]) > 20:
            new.pop("log")
            log = "REMOVE #l"
        else:
            log = "SET #l = list_append(if_not_exists(#l, :none), :now)"
        values = {":n": number(self.count)}
        if log.startswith("SET"):
            values.update({":none": {"L": []}, ":now": {"L": [number(self.count)]}})
        return Step("UpdateItem", {
            "TableName": TABLE, "Key": names(key), "UpdateExpression": f"ADD #t :n {log}",
            "ExpressionAttributeNames": {"#t": "total", "#l": "log"}, "ExpressionAttributeValues": values}, {key: new})

    def delete(self):
        key = self.key()
        if key in self.state:
            return Step("DeleteItem", {"TableName": TABLE, "Key": names(key)}, {key: None})
        item = self.ranked(key)
        return Step("PutItem", {"TableName": TABLE, "Item": item}, {key: item})

    def condition(self):
        key = self.key()
        item, old = self.item(key), self.state.get(key)
        wrong = self.random.random() < 0.2
        body = {"TableName": TABLE, "Item": item}
        if old is None:
            body["ConditionExpression"] = "attribute_exists(pk)" if wrong else "attribute_not_exists(pk)"
        else:
            body["ConditionExpression"] = "#c = :c"
            body["ExpressionAttributeNames"] = {"#c": "count"}
            body["ExpressionAttributeValues"] = {":c": number(-1) if wrong else old["count"]}
        if wrong:
            return Step("PutItem", body, {}, failure="ConditionalCheckFailedException")
        return Step("PutItem", body, {key: item})

    def batch(self):
        keys = {self.key() for _ in range(self.random.randrange(2, self.keys))}
        changes, requests = {}, []
        for key in sorted(keys):
            if key in self.state and self.random.random() < 0.3:
                changes[key] = None
                requests.append({"DeleteRequest": {"Key": names(key)}})
            else:
                changes[key] = self.ranked(key)
                requests.append({"PutRequest": {"Item": changes[key]}})
        return Step("BatchWriteItem", {"RequestItems": {TABLE: requests}}, changes)

    def transact(self):
        """Moves an amount from one account to another, in two tables, and writes it down."""
        source, target = self.key(0), (OTHER, self.name, "1")
        note = self.key(2 + self.count % (self.keys - 2))
        amount = self.random.randrange(1, 100)
        changes, actions = {}, []
        for key, change in ((source, -amount), (target, amount)):
            old = self.state.get(key, names(key))
            changes[key] = {**old, "amount": number(int(old.get("amount", {"N": "0"})["N"]) + change)}
            actions.append({"Update": {
                "TableName": key[0], "Key": names(key), "UpdateExpression": "ADD amount :a",
                "ExpressionAttributeValues": {":a": number(change)}}})
        if note in self.state:
            changes[note] = None
            actions.append({"Delete": {"TableName": TABLE, "Key": names(note)}})
        else:
            changes[note] = self.ranked(note)
            actions.append({"Put": {"TableName": TABLE, "Item": changes[note]}})
        actions.append({"ConditionCheck": {
            "TableName": TABLE, "Key": names((TABLE, "nobody", "0")), "ConditionExpression": "attribute_not_exists(pk)"}})
        token = f"{self.name}-{self.count}"
        return Step("TransactWriteItems", {"TransactItems": actions, "ClientRequestToken": token}, changes)

    def expiry(self):
        """Items that expire, and some that are saved from it."""
        key = self.key()
        old = self.state.get(key)
        if old and "expires" in old and self.random.random() < 0.3:
            saved = {**old, "saved": {"BOOL": True}}
            saved.pop("expires")
            return Step("UpdateItem", {
                "TableName": TABLE, "Key": names(key), "UpdateExpression": "SET saved = :y REMOVE expires",
                "ConditionExpression": "attribute_exists(pk)", "ExpressionAttributeValues": {":y": {"BOOL": True}}},
                {key: saved}, expired=key)
        item = self.item(key, expires=number(int(time.time()) + self.random.choice((-5, 0, 1, 3600))))
        return Step("PutItem", {"TableName": TABLE, "Item": item}, {key: item})

    def move(self):
        """Entries of both indexes come, go and move."""
        key = self.key()
        old = self.state.get(key, names(key))
        if "group" in old and self.random.random() < 0.3:
            new = {name: value for name, value in old.items() if name not in ("group", "rank")}
            return Step("UpdateItem", {
                "TableName": TABLE, "Key": names(key), "UpdateExpression": "REMOVE #g, #r",
                "ExpressionAttributeNames": {"#g": "group", "#r": "rank"}}, {key: new})
        new = {**old, "group": {"S": f"g{self.random.randrange(5)}"}, "rank": number(self.random.randrange(100))}
        return Step("UpdateItem", {
            "TableName": TABLE, "Key": names(key), "UpdateExpression": "SET #g = :g, #r = :r",
            "ExpressionAttributeNames": {"#g": "group", "#r": "rank"},
            "ExpressionAttributeValues": {":g": new["group"], ":r": new["rank"]}}, {key: new})


def apply(state, changes):
    for key, item in changes.items():
        if item is None:
            state.pop(key, None)
        else:
            state[key] = item


class Filler:
    """Items that nobody changes, so that filling an index takes many commits."""

    name = "filler"

    def __init__(self, server, count=1500):
        self.state = {}
        for first in range(0, count, 25):
            keys = [(TABLE, self.name, str(place)) for place in range(first, first + 25)]
            items = {key: {**names(key), "count": number(int(key[2]) % 50)} for key in keys}
            requests = [{"PutRequest": {"Item": item}} for item in items.values()]
            server.ok("BatchWriteItem", {"RequestItems": {TABLE: requests}})
            self.state.update(items)

    def next(self):
        return None

    def check(self, found, now):
        assert found == self.state, "items that nobody changes have changed"


class IndexBuilder:
    """Adds an index to the table that the others write to, waits until it is filled, drops it, and so on."""

    kind = name = INDEX = "counts"

    def __init__(self, seed):
        self.random = random.Random(f"{seed}/index")
        self.change = None  # what to ask of UpdateTable next; None: look first
        self.built = 0
        self.is_known = True  # whether the server has UpdateTable

    def next(self):
        if not self.is_known:
            return None
        if self.change is None:
            return "DescribeTable", {"TableName": TABLE}
        return "UpdateTable", {"TableName": TABLE, **self.change}

    def done(self, status, answer):
        asked, self.change = self.change, None
        if asked:
            code = "" if status == 200 else answer["__type"].split("#")[-1]
            self.is_known = code != "UnknownOperationException"
            # After a crash the last change may still be under way.
            assert code in ("", "UnknownOperationException", "ResourceInUseException"), answer
            return
        assert status == 200, answer
        found = status_of(answer, self.INDEX)
        if found is None:
            self.change = {
                "AttributeDefinitions": [{"AttributeName": "count", "AttributeType": "N"}],
                "GlobalSecondaryIndexUpdates": [{"Create": {
                    "IndexName": self.INDEX, "Projection": {"ProjectionType": "KEYS_ONLY"},
                    "KeySchema": [{"AttributeName": "count", "KeyType": "HASH"}]}}]}
        elif found == "ACTIVE":
            self.built += 1
            if self.random.random() < 0.5:
                self.change = {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": self.INDEX}}]}

    def check(self, found, now):
        self.change = None
        assert not found

    def finish(self, server):
        """Waits for a change under way, then compares the index with the items."""
        deadline = time.monotonic() + 120
        while True:
            found = status_of(server.ok("DescribeTable", {"TableName": TABLE}), self.INDEX)
            if found in (None, "ACTIVE"):
                break
            assert time.monotonic() < deadline, f"index {self.INDEX} is still {found}"
        if found:
            compare_index(
                server, self.INDEX, lambda item: "count" in item, lambda item: (item["pk"]["S"], item["sk"]["N"]))


def status_of(description, index):
    for each in description["Table"].get("GlobalSecondaryIndexes", []):
        if each["IndexName"] == index:
            return each["IndexStatus"]
    return None


def names(key):
    return {"pk": {"S": key[1]}, "sk": {"N": key[2]}}


def matches(expected, found, now):
    """Whether these items are stored; those that have expired may be gone."""
    for key, item in expected.items():
        if key not in found:
            if int(item.get("expires", {"N": "99999999999"})["N"]) > now:
                return False
        elif found[key] != item:
            return False
    return all(key in expected for key in found)


def stored(server):
    """All items of both tables by writer: {name: {(table, pk, sk): item}}."""
    result = {}
    for table in (TABLE, OTHER):
        for item in server.scan(table, ConsistentRead=True):
            key = (table, item["pk"]["S"], item["sk"]["N"])
            result.setdefault(key[1], {})[key] = item
    return result


def check(server, writers):
    """Every writer's items are as acknowledged, and there are no others."""
    found, now = stored(server), time.time()
    for writer in writers:
        writer.check(found.pop(writer.name, {}), now)
    assert not found, f"items of nobody: {str(found)[:500]}"


def check_index(server):
    """The index shows exactly the items that have its key."""
    compare_index(server, "groups", lambda item: "group" in item and "rank" in item, lambda item: item)


def compare_index(server, index, belongs, part):
    """No item's `part` is more or less in an index than in its table. Nobody writes, but meanwhile items expire."""
    def by_key(found):
        return {(item["pk"]["S"], item["sk"]["N"]): part(item) for item in found}

    def wanted():
        return by_key(item for item in server.scan(TABLE, ConsistentRead=True) if belongs(item))

    before = wanted()
    shown = by_key(server.scan(TABLE, IndexName=index))
    after = wanted()
    assert shown.items() <= before.items(), f"{index} shows what is not stored"
    assert after.items() <= shown.items(), f"{index} lacks what is stored"
