import pytest

from .conftest import index, refused

COUNT = 200


def s(value):
    return {"S": value}


@pytest.fixture(scope="module")
def many(ddb, make_table):
    name = make_table(range="sk", GlobalSecondaryIndexes=[index("by-sk", "sk")])
    writes = [{"PutRequest": {"Item": {"pk": s(f"p{number}"), "sk": s(f"s{number % 60}")}}} for number in range(COUNT)]
    for start in range(0, COUNT, 25):
        ddb.batch_write_item(RequestItems={name: writes[start:start + 25]})
    return name


def segment(ddb, table, number, total, **more):
    items, start = [], {}
    while True:
        page = ddb.scan(TableName=table, Segment=number, TotalSegments=total, **more, **start)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            return [item["pk"]["S"] for item in items]
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


@pytest.mark.parametrize("total", [1, 2, 3, 4, 7, 16, 50])
def test_segments_hold_everything_once(ddb, many, total):
    found = [key for number in range(total) for key in segment(ddb, many, number, total)]
    assert sorted(found) == sorted(f"p{number}" for number in range(COUNT))


@pytest.mark.parametrize("total", [2, 4])
def test_segments_are_about_equal(ddb, many, total):
    sizes = [len(segment(ddb, many, number, total)) for number in range(total)]
    assert min(sizes) > COUNT / total / 3


@pytest.mark.parametrize("limit", [1, 5])
def test_segments_have_pages(ddb, many, limit):
    found = [key for number in range(3) for key in segment(ddb, many, number, 3, Limit=limit)]
    assert sorted(found) == sorted(f"p{number}" for number in range(COUNT))


def test_a_segment_is_the_same_each_time(ddb, many):
    assert segment(ddb, many, 1, 4) == segment(ddb, many, 1, 4)


def test_an_index_has_segments_too(ddb, many):
    found = [key for number in range(5) for key in segment(ddb, many, number, 5, IndexName="by-sk")]
    assert sorted(found) == sorted(f"p{number}" for number in range(COUNT))


def test_a_partition_lies_in_one_segment(ddb, many):
    places = {}
    for number in range(4):
        answer = ddb.scan(TableName=many, IndexName="by-sk", Segment=number, TotalSegments=4)
        for item in answer["Items"]:
            places.setdefault(item["sk"]["S"], set()).add(number)
    assert all(len(each) == 1 for each in places.values())


def test_filters_apply_in_segments(ddb, many):
    count = sum(
        ddb.scan(TableName=many, Segment=number, TotalSegments=3, FilterExpression="sk = :s", Select="COUNT",
                 ExpressionAttributeValues={":s": s("s1")})["Count"] for number in range(3))
    assert count == 4


def test_most_of_a_million_segments_are_empty(ddb, many):
    answer = ddb.scan(TableName=many, Segment=999_999, TotalSegments=1_000_000)
    assert answer["ScannedCount"] <= 1 and "LastEvaluatedKey" not in answer


def test_total_segments_alone_is_refused(ddb, many):
    with refused("ValidationException", "The Segment parameter is required but was not present in the request when "
                 "parameter TotalSegments is present"):
        ddb.scan(TableName=many, TotalSegments=2)


@pytest.mark.parametrize("number", [1, 7])
def test_a_segment_alone_is_refused(ddb, many, number):
    with refused("ValidationException", "The TotalSegments parameter is required but was not present in the request "
                 "when Segment parameter is present"):
        ddb.scan(TableName=many, Segment=number)


@pytest.mark.parametrize("number, total", [(5, 5), (6, 5), (1, 1), (999_999, 3)])
def test_a_segment_beyond_the_total_is_refused(ddb, many, number, total):
    with refused("ValidationException", "The Segment parameter is zero-based and must be less than parameter "
                 f"TotalSegments: Segment: {number} is not less than TotalSegments: {total}"):
        ddb.scan(TableName=many, Segment=number, TotalSegments=total)


@pytest.mark.parametrize("number, total, path, text", [
    (-1, 5, "segment", "Member must have value greater than or equal to 0"),
    (1_000_000, 5, "segment", "Member must have value less than or equal to 999999"),
    (0, 0, "totalSegments", "Member must have value greater than or equal to 1"),
    (0, 1_000_001, "totalSegments", "Member must have value less than or equal to 1000000"),
])
def test_segments_have_their_ranges(ddb, many, number, total, path, text):
    with refused("ValidationException", f"at '{path}' failed to satisfy constraint: {text}"):
        ddb.scan(TableName=many, Segment=number, TotalSegments=total)


def test_a_start_key_of_another_segment_is_refused(ddb, many):
    other = segment(ddb, many, 1, 2)[0]
    sk = next(f"s{number % 60}" for number in range(COUNT) if f"p{number}" == other)
    with refused("ValidationException", "Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
                 "TotalSegments: 2 Segment: 0"):
        ddb.scan(TableName=many, Segment=0, TotalSegments=2, ExclusiveStartKey={"pk": s(other), "sk": s(sk)})
