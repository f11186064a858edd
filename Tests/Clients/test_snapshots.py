"""`emulator snapshot` and `emulator reset`: whole states by name, with and without a running emulator."""

import json
import shutil
import subprocess
import threading
import urllib.error
import urllib.request

import pytest
from running import EMULATOR, clean

TABLE, BUCKET = "mumble", "mumble-media"


def command(folder, *words):
    done = subprocess.run(
        [EMULATOR, *words, "--data", str(folder), "--json"], capture_output=True, text=True, env=clean())
    return done.returncode, done.stdout, done.stderr


def run(folder, *words):
    code, out, err = command(folder, *words)
    assert code == 0, err
    return json.loads(out)


def put(client, name, text="x"):
    client.put_item(TableName=TABLE, Item={"PK": {"S": name}, "SK": {"S": "s"}, "text": {"S": text}})


def names(client):
    return {item["PK"]["S"] for item in client.scan(TableName=TABLE, ConsistentRead=True)["Items"]}


def test_a_saved_state_comes_back_whole(start, tmp_path):
    emulator = start(folder=tmp_path / "data")
    dynamodb, s3 = emulator.client("dynamodb"), emulator.client("s3")
    put(dynamodb, "kept")
    s3.put_object(Bucket=BUCKET, Key="small", Body=b"kept")
    s3.put_object(Bucket=BUCKET, Key="large", Body=b"k" * 300_000)
    run(tmp_path / "data", "snapshot", "save", "first")
    put(dynamodb, "later")
    dynamodb.delete_item(TableName=TABLE, Key={"PK": {"S": "kept"}, "SK": {"S": "s"}})
    s3.put_object(Bucket=BUCKET, Key="large", Body=b"changed")
    s3.delete_object(Bucket=BUCKET, Key="small")
    run(tmp_path / "data", "snapshot", "load", "first")
    assert names(dynamodb) == {"kept"}
    assert s3.get_object(Bucket=BUCKET, Key="small")["Body"].read() == b"kept"
    assert s3.get_object(Bucket=BUCKET, Key="large")["Body"].read() == b"k" * 300_000
    put(dynamodb, "after")
    # It can be loaded again, whatever was written since.
    run(tmp_path / "data", "snapshot", "load", "first")
    assert names(dynamodb) == {"kept"}
    emulator.stop()
    assert run(tmp_path / "data", "verify")["ok"]


def test_a_loaded_state_survives_a_kill(start, tmp_path):
    emulator = start(folder=tmp_path / "data")
    put(emulator.client("dynamodb"), "kept")
    run(tmp_path / "data", "snapshot", "save", "s")
    put(emulator.client("dynamodb"), "gone")
    run(tmp_path / "data", "snapshot", "load", "s")
    put(emulator.client("dynamodb"), "new")
    emulator.kill()
    again = start(folder=tmp_path / "data")
    assert names(again.client("dynamodb")) == {"kept", "new"}


def test_it_works_without_a_running_emulator(start, tmp_path):
    emulator = start(folder=tmp_path / "data")
    put(emulator.client("dynamodb"), "kept")
    emulator.stop()
    run(tmp_path / "data", "snapshot", "save", "off")
    emulator = start(folder=tmp_path / "data")
    put(emulator.client("dynamodb"), "gone")
    emulator.stop()
    run(tmp_path / "data", "snapshot", "load", "off")
    emulator = start(folder=tmp_path / "data")
    assert names(emulator.client("dynamodb")) == {"kept"}
    emulator.stop()
    run(tmp_path / "data", "reset")
    emulator = start(folder=tmp_path / "data")
    assert names(emulator.client("dynamodb")) == set()


def test_reset_leaves_the_manifests_tables_and_buckets_empty(start, tmp_path):
    emulator = start(folder=tmp_path / "data")
    dynamodb, s3 = emulator.client("dynamodb"), emulator.client("s3")
    put(dynamodb, "gone")
    s3.put_object(Bucket=BUCKET, Key="gone", Body=b"x" * 100_000)
    dynamodb.create_table(
        TableName="extra", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    run(tmp_path / "data", "snapshot", "save", "stays")
    run(tmp_path / "data", "reset")
    assert dynamodb.list_tables()["TableNames"] == [TABLE]
    assert names(dynamodb) == set()
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    assert [entry["name"] for entry in run(tmp_path / "data", "snapshot", "list")] == ["stays"]


def test_a_snapshot_under_load_is_of_one_instant(start, tmp_path):
    """Writers keep pairs equal by transactions; saved and loaded states never show half a pair."""
    emulator = start(folder=tmp_path / "data")
    stop, failures, written = threading.Event(), [], [0] * 4

    def write(number):
        client = emulator.client("dynamodb")
        while not stop.is_set():
            value = {"N": str(written[number] + 1)}
            try:
                client.transact_write_items(TransactItems=[
                    {"Put": {"TableName": TABLE, "Item": {
                        "PK": {"S": f"{side}{number}"}, "SK": {"S": "s"}, "n": value}}}
                    for side in "ab"])
            except Exception as error:  # noqa: BLE001: every failure is a finding
                failures.append(error)
                return
            written[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        for round in range(4):
            run(tmp_path / "data", "snapshot", "save", f"s{round}")
            before = list(written)
            run(tmp_path / "data", "snapshot", "load", f"s{round}")
            assert sum(before) > 0 or round == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    client = emulator.client("dynamodb")
    for round in range(4):
        run(tmp_path / "data", "snapshot", "load", f"s{round}")
        found = {item["PK"]["S"]: item["n"]["N"] for item in client.scan(TableName=TABLE)["Items"]}
        for number in range(4):
            assert found.get(f"a{number}") == found.get(f"b{number}")
    emulator.stop()
    assert run(tmp_path / "data", "verify")["ok"]


def test_list_shows_name_time_and_size(start, tmp_path):
    start(folder=tmp_path / "data")
    assert run(tmp_path / "data", "snapshot", "list") == []
    run(tmp_path / "data", "snapshot", "save", "one")
    [entry] = run(tmp_path / "data", "snapshot", "list")
    assert entry["name"] == "one" and entry["bytes"] > 0 and entry["saved"].endswith("Z")
    run(tmp_path / "data", "snapshot", "delete", "one")
    assert run(tmp_path / "data", "snapshot", "list") == []


@pytest.mark.parametrize("words,code,text", [
    (("snapshot", "save", "../evil"), 64, "cannot name a snapshot"),
    (("snapshot", "save", ".hidden"), 64, "cannot name a snapshot"),
    (("snapshot", "save", "x.new"), 64, "cannot name a snapshot"),
    (("snapshot", "save"), 64, "snapshot save|load|delete NAME"),
    (("snapshot", "eat", "x"), 64, "snapshot save|load|delete NAME"),
    (("snapshot", "load", "missing"), 66, "There is no snapshot 'missing'. There are: taken."),
    (("snapshot", "delete", "missing"), 66, "There is no snapshot 'missing'."),
    (("snapshot", "save", "taken"), 1, "Write --replace"),
])
def test_mistakes_are_told(words, code, text, start, tmp_path):
    start(folder=tmp_path / "data")
    run(tmp_path / "data", "snapshot", "save", "taken")
    found, _, message = command(tmp_path / "data", *words)
    assert (found, text in message) == (code, True), message
    run(tmp_path / "data", "snapshot", "save", "taken", "--replace")


def test_without_data_there_is_nothing_to_save(tmp_path):
    code, _, message = command(tmp_path / "none", "snapshot", "save", "x")
    assert code == 66 and "holds no data" in message


def test_only_who_reads_the_data_folder_controls_the_emulator(start, tmp_path):
    emulator = start(folder=tmp_path / "data")
    put(emulator.client("dynamodb"), "kept")
    for headers in ({}, {"X-Emulator-Token": "guess"}):
        request = urllib.request.Request(
            emulator.aws + "/_emulator/control", data=b'{"action":"reset"}', headers=headers, method="POST")
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(request, timeout=60)
        assert refusal.value.code == 403
    assert names(emulator.client("dynamodb")) == {"kept"}
    mode = (tmp_path / "data" / "running.json").stat().st_mode & 0o777
    assert mode == 0o600


@pytest.mark.parametrize("point", ["folderCopyFile", "folderCopySync", "folderExchange", "folderExchangeSync"])
def test_dying_while_loading_leaves_the_old_or_the_new_state(point, start, tmp_path):
    folder = tmp_path / "data"
    first = start(folder=folder)
    put(first.client("dynamodb"), "saved")
    run(folder, "snapshot", "save", "s")
    put(first.client("dynamodb"), "later")
    first.stop()
    start("--fault", f"{point}:1", folder=folder)
    code, _, _ = command(folder, "snapshot", "load", "s")
    assert code == 69
    survivor = start(folder=folder)
    expected = {"saved"} if point == "folderExchangeSync" else {"saved", "later"}
    assert names(survivor.client("dynamodb")) == expected
    assert not (folder / "store.new").exists()
    survivor.stop()
    assert run(folder, "verify")["ok"]


def spoil(snapshot):
    for file in (snapshot / "db").glob("MANIFEST*"):
        file.write_bytes(b"damaged")


@pytest.mark.parametrize("harm", [spoil, lambda snapshot: shutil.rmtree(snapshot / "db")])
@pytest.mark.parametrize("running", [True, False])
def test_a_damaged_snapshot_costs_nothing(harm, running, start, tmp_path):
    folder = tmp_path / "data"
    emulator = start(folder=folder)
    put(emulator.client("dynamodb"), "saved")
    run(folder, "snapshot", "save", "s")
    put(emulator.client("dynamodb"), "later")
    if not running:
        emulator.stop()
    harm(folder / "snapshots" / "s")
    assert command(folder, "snapshot", "load", "s")[0] != 0
    if not running:
        emulator = start(folder=folder)
    assert names(emulator.client("dynamodb")) == {"saved", "later"}


def test_commands_at_once_take_turns_or_are_refused(start, tmp_path):
    folder = tmp_path / "data"
    emulator = start(folder=folder)
    dynamodb, s3 = emulator.client("dynamodb"), emulator.client("s3")
    put(dynamodb, "a")
    for number in range(40):
        s3.put_object(Bucket=BUCKET, Key=f"o{number}", Body=b"k" * 70_000)
    run(folder, "snapshot", "save", "a")
    for _ in range(6):
        answers = together(
            lambda: command(folder, "snapshot", "load", "a"), lambda: command(folder, "reset"),
            lambda: command(folder, "snapshot", "save", "b", "--replace"),
            lambda: command(folder, "snapshot", "save", "b", "--replace"))
        assert {code for code, _, _ in answers} <= {0, 75}, answers
        there = names(dynamodb)
        count = s3.list_objects_v2(Bucket=BUCKET)["KeyCount"]
        assert (there, count) in (({"a"}, 40), (set(), 0))
        for number in range(count):
            assert len(s3.get_object(Bucket=BUCKET, Key=f"o{number}")["Body"].read()) == 70_000
        run(folder, "snapshot", "load", "a")
    emulator.stop()
    assert run(folder, "verify")["ok"]


def together(*calls):
    results = [None] * len(calls)

    def go(number):
        results[number] = calls[number]()

    threads = [threading.Thread(target=go, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
