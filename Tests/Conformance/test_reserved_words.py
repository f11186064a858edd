"""Words that no expression may use bare (Amazon DynamoDB Developer Guide, "Reserved words in DynamoDB")."""

import pytest

from .conftest import refused

INVALID = "ValidationException"
RESERVED = "Attribute name is a reserved keyword; reserved keyword: "


@pytest.mark.parametrize("word", """
    abort absolute action add after all and any array as at attribute backup batch begin between binary blob
    boolean bucket by capacity case cast class cluster collection column comment condition connection consistent
    copy count counter create cross current cursor data database date day default define delete depth describe
    domain drop each element else empty enable end error exists expression extended external fail false fetch
    filter first float for format from function get global group handler hash hidden hour if in index input
    insert integer interval into is item items iterate join key keys language last left length level like limit
    list local location lock long loop map match member method minute mode module month name names new next no
    not null number numeric object of offset old on open option or order out output owner parameter partition
    path percent permission position primary private projection public put query range read record reference
    region release replace request reset resource response result return role row rule save scan schema scope
    search second section segment select self sequence session set size source space sql start state static
    status storage store stream string sub sum synonym system table temp text then throughput time timestamp to
    token total transaction trim true ttl tuple type under union unique unknown update upper url usage use user
    users using uuid value values variable view virtual when where while window with within work write year zone
    """.split())
def test_reserved_word(ddb, table, key, word):
    with refused(INVALID) as refusal:
        ddb.get_item(TableName=table, Key=key, ProjectionExpression=word)
    assert refusal.message == f"Invalid ProjectionExpression: {RESERVED}{word}"


@pytest.mark.parametrize("word", "bytes constant event flag has include message model operation page password period process queue remove sort statement statistics subscribe version".split())
def test_word_that_is_not_reserved(ddb, table, key, word):
    ddb.get_item(TableName=table, Key=key, ProjectionExpression=word)


@pytest.mark.parametrize("word", ["Status", "STATUS", "sTaTuS"])
def test_a_reserved_word_is_echoed_as_it_was_written(ddb, table, key, word):
    with refused(INVALID, RESERVED + word):
        ddb.get_item(TableName=table, Key=key, ProjectionExpression=word)
