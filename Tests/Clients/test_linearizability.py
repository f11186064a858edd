"""Concurrent clients on few keys: what they saw is what some single thread could have done, in the order of time.

LINEARIZABILITY_SEED=N replays the same calls; how they meet is up to the machine.
"""

import os
import random
import threading
import time

import pytest

from .checker import Operation, Register, Store, explain
from .wire import Server, drive

SEED = int(os.environ.get("LINEARIZABILITY_SEED", random.SystemRandom().randrange(1 << 32)))
TABLE = "few"
KEYS = 3


class Client:
    """Sends random calls and writes down what was answered when."""

    def __init__(self, number, seed, choose):
        self.number, self.choose = number, choose
        self.dice = random.Random(f"{SEED}/{seed}/{number}")
        self.history, self.left, self.current = [], 0, None

    def next(self):
        if self.left == 0:
            return None
        self.left -= 1
        action = self.choose(self.dice)
        self.current = Operation(self.number, action, None, time.monotonic_ns(), None)
        self.history.append(self.current)
        return request(action)

    def done(self, status, answer):
        self.current.returned = time.monotonic_ns()
        self.current.answer = meaning(self.current.action, status, answer)

    def lost(self, moment):
        """The server is gone: what was on its way has happened by now or never will."""
        if self.current and self.current.returned is None:
            self.current.returned = moment
        self.current = None


# Calls as DynamoDB knows them

def name(key):
    return {"pk": {"S": f"key-{key}"}}


def write(key, action):
    """(kind, parameters) of one conditional write, for single calls and transactions."""
    kind, values = action[0], {f":{letter}": {"N": str(value)} for letter, value in zip("ab", action[1:])}
    parameters = {"TableName": TABLE}
    if kind in ("put", "create"):
        parameters["Item"] = {**name(key), "v": values.pop(":a")}
        if kind == "create":
            parameters["ConditionExpression"] = "attribute_not_exists(pk)"
        return "Put", parameters
    parameters["Key"] = name(key)
    if kind in ("remove", "swap"):
        parameters["ConditionExpression"] = "v = :a"
    if kind in ("set", "swap", "add"):
        parameters["UpdateExpression"] = {"set": "SET v = :a", "swap": "SET v = :b", "add": "ADD c :a"}[kind]
    if values:
        parameters["ExpressionAttributeValues"] = values
    return ("Delete" if kind in ("delete", "remove") else "Update"), parameters


def request(action):
    if action[0] == "read":
        return "TransactGetItems", {
            "TransactItems": [{"Get": {"TableName": TABLE, "Key": name(key)}} for key in action[1]]}
    if action[0] == "write":
        return "TransactWriteItems", {"TransactItems": [dict([write(*part)]) for part in action[1]]}
    key, action = action
    if action[0] == "get":
        return "GetItem", {"TableName": TABLE, "Key": name(key), "ConsistentRead": True}
    kind, parameters = write(key, action)
    if action[0] == "add":
        parameters["ReturnValues"] = "UPDATED_NEW"
    return f"{kind}Item", parameters


def meaning(action, status, answer):
    if status != 200:
        assert answer["__type"].split("#")[-1] in ("ConditionalCheckFailedException", "TransactionCanceledException"), answer
        for reason in answer.get("CancellationReasons", []):
            assert reason["Code"] in ("None", "ConditionalCheckFailed"), answer
        return "refused"
    if action[0] == "read":
        return tuple(state(response.get("Item")) for response in answer["Responses"])
    if action[0] == "write":
        return "ok"
    kind = action[1][0]
    if kind == "get":
        return state(answer.get("Item")) or "none"
    return int(answer["Attributes"]["c"]["N"]) if kind == "add" else "ok"


def state(item):
    """An item as the checker's model has it."""
    if item is None:
        return None
    return tuple(int(item[attribute]["N"]) if attribute in item else None for attribute in ("v", "c"))


# What clients choose

def single(dice):
    value, other = dice.randrange(3), dice.randrange(3)
    return dice.randrange(KEYS), dice.choice([
        ("get",), ("get",), ("get",), ("put", value), ("create", value), ("create", value), ("swap", value, other),
        ("swap", value, other), ("set", value), ("remove", value), ("delete",), ("add", 1), ("add", 1), ("add", value)])


def transactional(dice):
    if dice.random() < 0.4:
        return single(dice)
    keys = dice.sample(range(KEYS), dice.randrange(2, KEYS + 1))
    if dice.random() < 0.4:
        return "read", tuple(keys)
    parts = []
    for key in keys:
        value, other = dice.randrange(3), dice.randrange(3)
        parts.append((key, dice.choice([
            ("put", value), ("create", value), ("swap", value, other), ("set", value), ("add", 1), ("add", -1),
            ("remove", value), ("delete",)])))
    return "write", tuple(parts)


def run(folder, choose, seed, clients, rounds, calls, kills=0):
    """Histories of several rounds; between two rounds nothing is on its way."""
    print(f"LINEARIZABILITY_SEED={SEED}")
    dice = random.Random(f"{SEED}/{seed}")
    clients = [Client(number, seed, choose) for number in range(clients)]
    server = Server(folder)
    server.ok("CreateTable", {
        "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]})
    deadly = set(dice.sample(range(rounds), kills))
    for number in range(rounds):
        for client in clients:
            client.left = calls
        timer = threading.Timer(dice.uniform(0, 0.02), server.process.kill)
        if number in deadly:
            timer.start()
        drive(server.address, clients)
        if number in deadly:
            timer.join()
            server.close()
            for client in clients:
                client.lost(time.monotonic_ns())
            server = Server(folder)
    server.stop()
    return [operation for client in clients for operation in client.history]


def check(history, model):
    unexplained = explain(history, model)
    assert unexplained is None, "no order explains:\n" + "\n".join(map(str, unexplained))


def by_key(history):
    for key in range(KEYS):
        yield [Operation(each.process, each.action[1], each.answer, each.called, each.returned)
               for each in history if each.action[0] == key]


def overlap(history):
    """How many calls began while another was on its way."""
    count, end = 0, 0
    for each in sorted(history, key=lambda operation: operation.called):
        count += each.called < end
        end = max(end, each.returned)
    return count


@pytest.mark.parametrize("seed", range(3))
def test_each_key_is_linearizable(seed, tmp_path):
    history = run(tmp_path, single, f"single/{seed}", clients=8, rounds=60, calls=15)
    assert len(history) == 8 * 60 * 15 and overlap(history) > len(history) / 2
    for part in by_key(history):
        check(part, Register)


@pytest.mark.parametrize("seed", range(3))
def test_transactions_are_strictly_serialisable(seed, tmp_path):
    history = run(tmp_path, transactional, f"transactions/{seed}", clients=6, rounds=80, calls=10)
    answers = {each.answer for each in history if each.action[0] == "write"}
    assert answers == {"ok", "refused"} and overlap(history) > len(history) / 2
    check(history, Store(KEYS))


def test_each_key_is_linearizable_across_crashes(tmp_path):
    history = run(tmp_path, single, "single crashes", clients=8, rounds=30, calls=15, kills=20)
    assert sum(each.answer is None for each in history) > 0, "no call was cut off"
    for part in by_key(history):
        check(part, Register)


def test_transactions_are_strictly_serialisable_across_crashes(tmp_path):
    history = run(tmp_path, transactional, "transaction crashes", clients=6, rounds=30, calls=15, kills=20)
    assert sum(each.answer is None for each in history) > 0, "no call was cut off"
    check(history, Store(KEYS))


@pytest.mark.parametrize("place", [0.3, 0.9])
def test_a_false_answer_in_a_real_history_is_found(place, tmp_path):
    """The proof that the checks above can fail: one counter's answer is off by one."""
    history = run(tmp_path, single, "falsified", clients=8, rounds=10, calls=15)
    added = [each for each in history if each.action[1][0] == "add" and each.action[1][1] != 0]
    added[int(len(added) * place)].answer += 1000
    assert any(explain(part, Register) for part in by_key(history))
