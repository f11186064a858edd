"""PynamoDB, used as its documentation shows."""

import threading
import uuid
from datetime import datetime, timedelta, timezone

import pytest
from pynamodb.attributes import (
    BinaryAttribute, BinarySetAttribute, BooleanAttribute, JSONAttribute, ListAttribute, MapAttribute, NullAttribute,
    NumberAttribute, NumberSetAttribute, TTLAttribute, UnicodeAttribute, UnicodeSetAttribute, UTCDateTimeAttribute,
    VersionAttribute)
from pynamodb.connection import Connection
from pynamodb.exceptions import (
    DeleteError, DoesNotExist, PutError, TableError, TransactWriteError, UpdateError)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection, LocalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactGet, TransactWrite


class Place(MapAttribute):
    country = UnicodeAttribute(attr_name="c")
    floor = NumberAttribute(null=True)


class ByViews(GlobalSecondaryIndex):
    class Meta:
        index_name = "views-index"
        read_capacity_units = 2
        write_capacity_units = 1
        projection = AllProjection()

    kind = UnicodeAttribute(hash_key=True)
    views = NumberAttribute(range_key=True)


class ByDay(LocalSecondaryIndex):
    class Meta:
        index_name = "day-index"
        projection = KeysOnlyProjection()

    forum = UnicodeAttribute(hash_key=True)
    day = UTCDateTimeAttribute(range_key=True)


class Document(Model):
    class Meta:
        table_name = "replaced"
        region = "us-east-1"
        aws_access_key_id = "test"
        aws_secret_access_key = "test"
        read_capacity_units = 5
        write_capacity_units = 5

    forum = UnicodeAttribute(hash_key=True)
    subject = UnicodeAttribute(range_key=True)
    by_views = ByViews()
    by_day = ByDay()
    kind = UnicodeAttribute(null=True)
    views = NumberAttribute(default=0)
    day = UTCDateTimeAttribute(null=True)
    tags = UnicodeSetAttribute(null=True)
    scores = NumberSetAttribute(null=True)
    blob = BinaryAttribute(null=True, legacy_encoding=False)
    blobs = BinarySetAttribute(null=True, legacy_encoding=False)
    open = BooleanAttribute(null=True)
    nothing = NullAttribute(null=True)
    extra = JSONAttribute(null=True)
    place = Place(null=True)
    places = ListAttribute(of=Place, null=True)
    anything = MapAttribute(null=True)
    expires = TTLAttribute(null=True)


class Versioned(Model):
    class Meta:
        table_name = "replaced"
        region = "us-east-1"
        aws_access_key_id = "test"
        aws_secret_access_key = "test"
        billing_mode = "PAY_PER_REQUEST"

    name = UnicodeAttribute(hash_key=True)
    amount = NumberAttribute(default=0)
    version = VersionAttribute()


@pytest.fixture(scope="module", autouse=True)
def tables(dynamodb_url):
    for model in (Document, Versioned):
        model.Meta.host = dynamodb_url
        model.Meta.table_name = f"pynamo-{uuid.uuid4()}"
        assert not model.exists()
        model.create_table(wait=True)
        assert model.exists()
    yield
    for model in (Document, Versioned):
        model.delete_table()
        assert not model.exists()


@pytest.fixture(scope="module")
def connection(dynamodb_url):
    yield Connection(
        region="us-east-1", host=dynamodb_url, aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def forum():
    """A partition that no other test uses."""
    return uuid.uuid4().hex


def fill(forum, count, **more):
    with Document.batch_write() as batch:
        for number in range(count):
            batch.save(Document(forum, f"{number:04}", views=number, **more))


def test_every_attribute_comes_back(forum):
    day = datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=timezone.utc)
    later = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=1)
    Document(
        forum, "all", kind="k", views=3, day=day, tags={"b", "a"}, scores={1, 2.5, -7}, blob=bytes(range(256)),
        blobs={b"\x00", b"\xff"}, open=False, extra={"deep": [1, None, "é"]}, place=Place(country="CH", floor=2),
        places=[Place(country="FR"), Place(country="IT")], anything={"list": [1, "two", {"three": True}]},
        expires=later).save()
    found = Document.get(forum, "all", consistent_read=True)
    assert (found.day, found.tags, found.scores) == (day, {"a", "b"}, {1, 2.5, -7})
    assert (found.blob, found.blobs, found.open) == (bytes(range(256)), {b"\x00", b"\xff"}, False)
    assert found.extra == {"deep": [1, None, "é"]} and found.place.floor == 2
    assert [each.country for each in found.places] == ["FR", "IT"]
    assert found.anything.as_dict() == {"list": [1, "two", {"three": True}]} and found.expires == later


def test_an_absent_item_does_not_exist(forum):
    with pytest.raises(DoesNotExist):
        Document.get(forum, "absent")


def test_an_absent_table_does_not_exist():
    class Absent(Model):
        class Meta(Versioned.Meta):
            table_name = "absent-" + uuid.uuid4().hex

        name = UnicodeAttribute(hash_key=True)

    assert not Absent.exists()
    with pytest.raises(TableError) as caught:
        Absent.delete_table()
    assert "Requested resource not found" in str(caught.value)


def test_a_condition_that_fails_says_so(forum):
    Document(forum, "one", views=1).save(Document.forum.does_not_exist())
    with pytest.raises(PutError) as caught:
        Document(forum, "one").save(Document.forum.does_not_exist())
    assert caught.value.cause_response_code == "ConditionalCheckFailedException"
    assert caught.value.cause_response_message == "The conditional request failed"
    with pytest.raises(DeleteError) as caught:
        Document(forum, "one").delete(Document.views > 5)
    assert caught.value.cause_response_code == "ConditionalCheckFailedException"


def test_update_actions(forum):
    thread = Document(forum, "u", views=1, tags={"a", "b"}, anything={"list": [1]}, kind="x")
    thread.save()
    thread.update(actions=[
        Document.views.set(Document.views + 5), Document.tags.delete({"a"}), Document.kind.remove(),
        Document.place.set(Place(country="DE")), Document.scores.add({4}),
        Document.open.set(Document.open | True)], condition=Document.views == 1)
    assert (thread.views, thread.tags, thread.kind, thread.scores, thread.open) == (6, {"b"}, None, {4}, True)
    thread.update(actions=[Document.place.country.set("AT"), Document.place.floor.set(9)])
    assert Document.get(forum, "u").place.attribute_values == {"country": "AT", "floor": 9}
    with pytest.raises(UpdateError):
        thread.update(actions=[Document.views.set(0)], condition=Document.views < 0)


def test_lists_grow_at_both_ends(forum):
    thread = Document(forum, "lists", places=[Place(country="B")])
    thread.save()
    thread.update(actions=[Document.places.set(Document.places.append([Place(country="C")]))])
    thread.update(actions=[Document.places.set(Document.places.prepend([Place(country="A")]))])
    assert [each.country for each in Document.get(forum, "lists").places] == ["A", "B", "C"]
    thread.update(actions=[Document.places[1].remove()])
    assert [each.country for each in thread.places] == ["A", "C"]


def test_queries_with_range_filter_order_and_pages(forum):
    fill(forum, 60, kind=forum)
    found = Document.query(
        forum, Document.subject.between("0010", "0049"), Document.views > 19, scan_index_forward=False,
        page_size=7)
    assert [each.views for each in found] == list(range(49, 19, -1))
    first = Document.query(forum, limit=25)
    assert len(list(first)) == 25
    assert first.last_evaluated_key == {"forum": {"S": forum}, "subject": {"S": "0024"}}
    rest = Document.query(forum, last_evaluated_key=first.last_evaluated_key)
    assert [each.views for each in rest] == list(range(25, 60))
    assert Document.count(forum, Document.subject.startswith("003")) == 10


def test_indexes(forum):
    for views, subject in ((5, "a"), (50, "b"), (500, "c")):
        Document(forum, subject, kind=forum, views=views, day=datetime(2024, 1, views % 7 + 1)).save()
    Document(forum, "sparse", views=1).save()
    assert [each.subject for each in Document.by_views.query(forum, Document.views >= 50)] == ["b", "c"]
    assert Document.by_views.count(forum) == 3
    by_day = list(Document.by_day.query(forum, consistent_read=True))
    assert {each.subject for each in by_day} == {"a", "b", "c"} and all(each.kind is None for each in by_day)


def test_scans_filter_and_are_shared_out_and_slowed(forum):
    fill(forum, 30, kind=forum)
    mine = Document.kind == forum
    assert sum(1 for _ in Document.scan(mine)) == 30
    parts = [{each.subject for each in Document.scan(mine, segment=part, total_segments=4)} for part in range(4)]
    assert sum(map(len, parts)) == len(set().union(*parts)) == 30
    slow = Document.scan(mine, rate_limit=400.0, page_size=10)
    assert sum(1 for _ in slow) == 30


def test_batches_beyond_their_limits(forum):
    fill(forum, 230)
    keys = [(forum, f"{number:04}") for number in range(250)]
    assert {each.views for each in Document.batch_get(keys, consistent_read=True)} == set(range(230))
    with Document.batch_write() as batch:
        for each in list(Document.query(forum)):
            batch.delete(each)
    assert Document.count(forum) == 0


def test_stale_versions_are_refused():
    name = uuid.uuid4().hex
    mine = Versioned(name)
    mine.save()
    theirs = Versioned.get(name)
    theirs.update(actions=[Versioned.amount.set(5)])
    assert theirs.version == 2
    mine.amount = 9
    with pytest.raises(PutError) as caught:
        mine.save()
    assert caught.value.cause_response_code == "ConditionalCheckFailedException"
    with pytest.raises(DeleteError):
        mine.delete()
    mine.refresh()
    mine.save()
    assert (mine.amount, mine.version) == (5, 3)


def test_optimistic_locking_loses_no_increment():
    name = uuid.uuid4().hex
    Versioned(name).save()

    def work():
        for _ in range(10):
            while True:
                counter = Versioned.get(name, consistent_read=True)
                try:
                    counter.update(actions=[Versioned.amount.set(Versioned.amount + 1)])
                    break
                except UpdateError as error:
                    assert error.cause_response_code == "ConditionalCheckFailedException"

    workers = [threading.Thread(target=work) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    counter = Versioned.get(name)
    assert (counter.amount, counter.version) == (50, 51)


def test_transactions(connection, forum):
    Document(forum, "old", views=1).save()
    with TransactWrite(connection=connection, client_request_token=uuid.uuid4().hex) as transaction:
        transaction.save(Document(forum, "new", views=7))
        transaction.update(Document(forum, "old"), actions=[Document.views.add(10)])
        transaction.condition_check(Document, forum, "never", condition=Document.forum.does_not_exist())
    with TransactGet(connection=connection) as transaction:
        old = transaction.get(Document, forum, "old")
        new = transaction.get(Document, forum, "new")
        absent = transaction.get(Document, forum, "absent")
    assert (old.get().views, new.get().views) == (11, 7)
    with pytest.raises(DoesNotExist):
        absent.get()


def test_a_cancelled_transaction_names_its_reasons(connection, forum):
    Document(forum, "there", views=1).save()
    with pytest.raises(TransactWriteError) as caught:
        with TransactWrite(connection=connection) as transaction:
            transaction.delete(Document(forum, "there"), condition=Document.views == 2)
            transaction.save(Document(forum, "other"))
    error = caught.value
    assert error.cause_response_code == "TransactionCanceledException"
    assert "[ConditionalCheckFailed, None]" in error.cause_response_message
    assert error.cancellation_reasons[0].code == "ConditionalCheckFailed"
    assert error.cancellation_reasons[1] is None
    assert Document.count(forum) == 1


def test_numbers_keep_what_a_float_can_hold(forum):
    for subject, value in (("tenth", 0.1), ("large", 2 ** 53), ("small", 1e-100), ("negative", -12345.678901)):
        Document(forum, subject, views=value).save()
        assert Document.get(forum, subject).views == value


def test_time_to_live_is_switched_on_by_the_model(connection):
    answer = connection.client.describe_time_to_live(TableName=Document.Meta.table_name)
    assert answer["TimeToLiveDescription"]["AttributeName"] == "expires"
    assert answer["TimeToLiveDescription"]["TimeToLiveStatus"] in ("ENABLING", "ENABLED")


def test_the_table_is_described_with_its_indexes():
    table = Document.describe_table()
    assert table["TableStatus"] == "ACTIVE"
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    index = table["GlobalSecondaryIndexes"][0]
    assert (index["IndexName"], index["ProvisionedThroughput"]["ReadCapacityUnits"]) == ("views-index", 2)
    assert table["LocalSecondaryIndexes"][0]["Projection"] == {"ProjectionType": "KEYS_ONLY"}
