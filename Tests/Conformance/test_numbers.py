"""Numbers are exact decimals of 38 digits; see also test_limits.py for what they cost in bytes."""

import random
from decimal import Context, Decimal

import pytest

from .conftest import refused

INVALID = "ValidationException"
REFUSED = "The parameter cannot be converted to a numeric value"
DIGITS = "Attempting to store more than 38 significant digits in a Number"
OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
NINES = "9" * 38


def stored(ddb, table, key, number):
    ddb.put_item(TableName=table, Item={**key, "n": {"N": number}})
    return ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["n"]["N"]


@pytest.mark.parametrize("written, returned", [
    ("0", "0"), ("-0", "0"), ("+0", "0"), ("0.0", "0"), ("00", "0"), ("0e5", "0"), ("-0.00e-3", "0"), ("0.0e126", "0"),
    ("1", "1"), ("+5", "5"), ("-5", "-5"), ("007", "7"), (".5", "0.5"), ("-.5", "-0.5"), ("5.", "5"), ("+.5", "0.5"),
    ("1.50", "1.5"), ("1.0", "1"), ("100", "100"), ("0.10", "0.1"), ("000.100", "0.1"),
    ("1E3", "1000"), ("1e3", "1000"), ("1e+3", "1000"), ("1e-3", "0.001"), ("1.e5", "100000"), ("1.5e1", "15"),
    ("12e-1", "1.2"), ("1e0003", "1000"), ("-1.5E-2", "-0.015"), ("1.23456e3", "1234.56"), ("0.00001e5", "1"),
    (NINES, NINES), ("-" + NINES, "-" + NINES), ("0." + NINES, "0." + NINES), (NINES + "000", NINES + "000"),
    (NINES[:19] + "." + NINES[19:], NINES[:19] + "." + NINES[19:]),
    ("1" + "0" * 60, "1" + "0" * 60), ("0" * 60 + "1", "1"), ("1." + "0" * 60, "1"),
    ("1E125", "1" + "0" * 125), ("-1E125", "-1" + "0" * 125), ("1E-130", "0." + "0" * 129 + "1"),
    ("-1E-130", "-0." + "0" * 129 + "1"), (f"9.{NINES[1:]}E125", NINES + "0" * 88),
    ("123456789012345678901234567890.12345678", "123456789012345678901234567890.12345678"),
    ("0.1", "0.1"), ("9007199254740993", "9007199254740993"),
])
def test_a_number_is_normalised(ddb, table, key, written, returned):
    assert stored(ddb, table, key, written) == returned


@pytest.mark.parametrize("text", [
    "", " ", " 1", "1 ", "1\n", "a", "1a", "NaN", "nan", "Infinity", "-Infinity", "inf", "0x10", "1+2", "1-2", "--1",
    "+-1", "1,000", "1_000", "1.2.3", ".", "-", "+", "e5", "1e", "1e+", "1e1.5", "1e5e5", "١", "½", "$1", "1f", "1d",
    "true", "null"])
def test_what_is_no_number_is_refused(ddb, table, key, text):
    with refused(INVALID) as refusal:
        ddb.put_item(TableName=table, Item={**key, "n": {"N": text}})
    assert refusal.message.endswith(REFUSED if text == "" else f"{REFUSED}: {text}")


@pytest.mark.parametrize("text, fault", [
    (NINES + "9", DIGITS), ("0." + NINES + "1", DIGITS), ("1" + "0" * 37 + "1", DIGITS), ("-" + NINES + "9", DIGITS),
    ("1." + "0" * 37 + "1", DIGITS), ("1" * 100, DIGITS),
    ("1E126", OVERFLOW), ("-1E126", OVERFLOW), ("1E999", OVERFLOW), ("1e99999999999999999999", OVERFLOW),
    ("10E125", OVERFLOW), ("1" + "0" * 126, OVERFLOW), ("0e126", OVERFLOW), ("1" * 127, OVERFLOW),
    ("1E-131", UNDERFLOW), ("-1E-131", UNDERFLOW), ("0.1E-130", UNDERFLOW), ("1e-99999999999999999999", UNDERFLOW),
    ("0." + "0" * 130 + "1", UNDERFLOW),
], ids=lambda value: value[:24])
def test_a_number_out_of_range_is_refused(ddb, table, key, text, fault):
    with refused(INVALID) as refusal:
        ddb.put_item(TableName=table, Item={**key, "n": {"N": text}})
    assert refusal.message.endswith(fault)


@pytest.mark.parametrize("text, fault", [("x", REFUSED + ": x"), (NINES + "9", DIGITS), ("1E126", OVERFLOW)])
@pytest.mark.parametrize("place", ["key", "set", "list", "map", "value"])
def test_numbers_are_checked_wherever_they_stand(ddb, table, key, place, text, fault):
    number = {"N": text}
    with refused(INVALID, fault):
        if place == "key":
            ddb.get_item(TableName=table, Key={"pk": number})
        elif place == "value":
            ddb.update_item(
                TableName=table, Key=key, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": number})
        else:
            value = {"set": {"NS": ["1", text]}, "list": {"L": [number]}, "map": {"M": {"a": number}}}[place]
            ddb.put_item(TableName=table, Item={**key, "n": value})


def test_members_of_a_number_set_are_normalised(ddb, table, key):
    ddb.put_item(TableName=table, Item={**key, "n": {"NS": ["1.0", "2e1", "-0"]}})
    found = ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["n"]["NS"]
    assert sorted(found) == ["0", "1", "20"]


@pytest.mark.parametrize("left, operator, right, result", [
    ("0.1", "+", "0.2", "0.3"), ("1", "-", "1", "0"), ("1", "-", "3", "-2"), ("-1", "+", "-1", "-2"),
    ("9007199254740993", "+", "1", "9007199254740994"), ("1E20", "+", "1", "100000000000000000001"),
    ("1E37", "+", "1", "1" + "0" * 36 + "1"), (NINES, "-", NINES, "0"), (NINES, "+", "1", "1" + "0" * 38),
    ("1.5", "-", "0.5", "1"), ("-0", "+", "0", "0"), ("1E-130", "+", "0", "0." + "0" * 129 + "1"),
    ("1E-130", "-", "1E-130", "0"), ("0.99", "+", "0.01", "1"), ("1E125", "-", "1E125", "0"),
    ("12345678901234567890.123456789", "+", "0.000000001", "12345678901234567890.12345679"),
])
def test_arithmetic_is_exact(ddb, table, key, left, operator, right, result):
    ddb.put_item(TableName=table, Item={**key, "n": {"N": left}})
    answer = ddb.update_item(
        TableName=table, Key=key, UpdateExpression=f"SET n = n {operator} :n",
        ExpressionAttributeValues={":n": {"N": right}}, ReturnValues="ALL_NEW")
    assert answer["Attributes"]["n"] == {"N": result}


@pytest.mark.parametrize("left, update, right, fault", [
    (f"9.{NINES[1:]}E125", "SET n = n + :n", "1E125", OVERFLOW),
    (f"-9.{NINES[1:]}E125", "SET n = n - :n", "1E125", OVERFLOW),
    ("9E125", "ADD n :n", "9E125", OVERFLOW),
    ("1.1E-129", "SET n = n - :n", "1.01E-129", UNDERFLOW),
    ("1E38", "SET n = n + :n", "1", OVERFLOW),
    (NINES, "ADD n :n", "0.1", OVERFLOW),
    ("1E125", "ADD n :n", "1E-130", OVERFLOW),
    ("10", "SET n = n + :n", "1E-37", OVERFLOW),
    ("1E50", "SET n = n - :n", "1", OVERFLOW),
    ("1E50", "ADD n :n", "-1", OVERFLOW),
])
def test_results_have_the_same_limits(ddb, table, key, left, update, right, fault):
    ddb.put_item(TableName=table, Item={**key, "n": {"N": left}})
    with refused(INVALID, fault):
        ddb.update_item(
            TableName=table, Key=key, UpdateExpression=update, ExpressionAttributeValues={":n": {"N": right}})
    assert Decimal(ddb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]["n"]["N"]) == Decimal(left)


def test_random_sums_agree_with_decimal_arithmetic(ddb, table, key):
    seed = random.randrange(2**32)
    print("seed", seed)
    dice, exact = random.Random(seed), Context(prec=200, Emax=999, Emin=-999)
    for _ in range(40):
        texts = [
            f"{dice.choice(['', '-'])}{dice.randrange(10 ** dice.randrange(1, 20))}E{dice.randrange(-9, 9)}"
            for _ in range(2)]
        ddb.put_item(TableName=table, Item={**key, "n": {"N": texts[0]}})
        answer = ddb.update_item(
            TableName=table, Key=key, UpdateExpression="ADD n :n", ExpressionAttributeValues={":n": {"N": texts[1]}},
            ReturnValues="UPDATED_NEW")
        assert Decimal(answer["Attributes"]["n"]["N"]) == exact.add(Decimal(texts[0]), Decimal(texts[1])), texts


@pytest.mark.parametrize("smaller, larger", [
    ("-1E125", "-1"), ("-10", "-9"), ("-1", "-0.5"), ("-1E-130", "0"), ("0", "1E-130"), ("1E-130", "1"), ("9", "10"),
    ("1", "1.0000000000000000000000000000000000001"), ("99", "1E2"), ("9007199254740992", "9007199254740993"),
    ("0.1", "0.11"), (NINES, "1E125")])
def test_numbers_are_compared_by_value(ddb, table, key, smaller, larger):
    ddb.put_item(TableName=table, Item={**key, "a": {"N": smaller}, "b": {"N": larger}})
    ddb.update_item(TableName=table, Key=key, ConditionExpression="a < b AND b > a AND a <> b AND NOT a >= b")


def test_numeric_sort_keys_are_ordered_by_value(ddb, make_table, key):
    name = make_table(range="sk", types={"sk": "N"})
    numbers = ["-1E125", "-100", "-99.5", "-1", "-0.001", "-1E-130", "0", "1E-130", "0.5", "1", "1.5", "2", "10", "1E125"]
    for number in reversed(numbers):
        ddb.put_item(TableName=name, Item={**key, "sk": {"N": number}})
    found = ddb.query(
        TableName=name, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": key["pk"]},
        ConsistentRead=True)["Items"]
    assert [Decimal(each["sk"]["N"]) for each in found] == [Decimal(each) for each in numbers]


@pytest.mark.parametrize("other", ["1.0", "01", "1e0", "10E-1", "+1", "0.1e1"])
def test_equal_numbers_are_one_key(ddb, numbered, other):
    ddb.put_item(TableName=numbered, Item={"pk": {"N": "1"}, "v": {"S": "first"}})
    ddb.put_item(TableName=numbered, Item={"pk": {"N": other}, "v": {"S": other}})
    found = ddb.get_item(TableName=numbered, Key={"pk": {"N": "1.00"}}, ConsistentRead=True)["Item"]
    assert found == {"pk": {"N": "1"}, "v": {"S": other}}


def test_zero_is_a_key(ddb, numbered):
    ddb.put_item(TableName=numbered, Item={"pk": {"N": "-0.0"}})
    assert ddb.get_item(TableName=numbered, Key={"pk": {"N": "0"}}, ConsistentRead=True)["Item"] == {
        "pk": {"N": "0"}}


@pytest.fixture(scope="module")
def numbered(make_table):
    return make_table(types={"pk": "N"})
