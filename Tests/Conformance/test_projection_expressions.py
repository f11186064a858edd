import pytest

from .conftest import refused

ITEM = {
    "a": {"S": "top"}, "n": {"N": "1"},
    "l": {"L": [{"S": "zero"}, {"S": "one"}, {"M": {"x": {"N": "2"}, "y": {"N": "3"}}}, {"L": [{"S": "in"}, {"S": "on"}]}]},
    "m": {"M": {"k": {"S": "v"}, "deep": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}, "a.b": {"S": "dot"}}},
    "a.b": {"S": "flat"}, "status": {"S": "new"}, "ss": {"SS": ["p"]},
}
NAMES = {"#dot": "a.b", "#status": "status", "#a": "a", "#m": "m"}


@pytest.fixture(scope="module")
def target(ddb, table):
    key = {"pk": {"S": "projected"}}
    ddb.put_item(TableName=table, Item={**key, **ITEM})
    return key


def project(ddb, table, key, expression):
    names = {name: value for name, value in NAMES.items() if name in expression}
    more = {"ExpressionAttributeNames": names} if names else {}
    return ddb.get_item(
        TableName=table, Key=key, ProjectionExpression=expression, ConsistentRead=True, **more)["Item"]


@pytest.mark.parametrize("expression, expected", [
    ("a", {"a": ITEM["a"]}),
    ("a, n", {"a": ITEM["a"], "n": ITEM["n"]}),
    ("n,a", {"a": ITEM["a"], "n": ITEM["n"]}),
    ("pk", {"pk": {"S": "projected"}}),
    ("m", {"m": ITEM["m"]}),
    ("ss", {"ss": ITEM["ss"]}),
    ("gone", {}),
    ("gone, a", {"a": ITEM["a"]}),
    ("m.k", {"m": {"M": {"k": {"S": "v"}}}}),
    ("m.deep.y", {"m": {"M": {"deep": {"M": {"y": {"N": "2"}}}}}}),
    ("m.k, m.deep.x", {"m": {"M": {"k": {"S": "v"}, "deep": {"M": {"x": {"N": "1"}}}}}}),
    ("m.deep.x, m.deep.y", {"m": {"M": {"deep": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}}}}),
    ("m.gone", {}),
    ("m.gone, m.k", {"m": {"M": {"k": {"S": "v"}}}}),
    ("m.deep.gone", {}),
    ("l[0]", {"l": {"L": [{"S": "zero"}]}}),
    ("l[1]", {"l": {"L": [{"S": "one"}]}}),
    ("l[1], l[0]", {"l": {"L": [{"S": "zero"}, {"S": "one"}]}}),
    ("l[3], l[0]", {"l": {"L": [{"S": "zero"}, {"L": [{"S": "in"}, {"S": "on"}]}]}}),
    ("l[9]", {}),
    ("l[9], l[0]", {"l": {"L": [{"S": "zero"}]}}),
    ("l[2].x", {"l": {"L": [{"M": {"x": {"N": "2"}}}]}}),
    ("l[2].x, l[2].y", {"l": {"L": [{"M": {"x": {"N": "2"}, "y": {"N": "3"}}}]}}),
    ("l[3][1]", {"l": {"L": [{"L": [{"S": "on"}]}]}}),
    ("l[0], m.k, a", {"l": {"L": [{"S": "zero"}]}, "m": {"M": {"k": {"S": "v"}}}, "a": ITEM["a"]}),
    ("a.x", {}),
    ("a[0]", {}),
    ("m[0]", {}),
    ("l.x", {}),
    ("ss[0]", {}),
    ("#dot", {"a.b": {"S": "flat"}}),
    ("m.#dot", {"m": {"M": {"a.b": {"S": "dot"}}}}),
    ("#status", {"status": {"S": "new"}}),
    ("#a", {"a": ITEM["a"]}),
    ("#m.k", {"m": {"M": {"k": {"S": "v"}}}}),
    (" a ,\tn ", {"a": ITEM["a"], "n": ITEM["n"]}),
    ("l [ 0 ]", {"l": {"L": [{"S": "zero"}]}}),
    ("m . k", {"m": {"M": {"k": {"S": "v"}}}}),
])
def test_projection(ddb, table, target, expression, expected):
    assert project(ddb, table, target, expression) == expected


@pytest.mark.parametrize("expression, text", [
    ("", "The expression can not be empty;"),
    ("!!", 'Syntax error; token: "!", near: "!!"'),
    ("a b", 'Syntax error; token: "b", near: "a b"'),
    ("a,", 'Syntax error; token: "<EOF>", near: ","'),
    (",a", 'Syntax error; token: ",", near: ",a"'),
    ("a..b", 'Syntax error; token: ".", near: "..b"'),
    ("l[-1]", 'Syntax error; token: "-", near: "[-1"'),
    ("l[x]", 'Syntax error; token: "x", near: "[x]"'),
    ("l[]", 'Syntax error; token: "]", near: "[]"'),
    ("l[0", 'Syntax error; token: "<EOF>", near: "0"'),
    ("a = b", 'Syntax error; token: "=", near: "a = b"'),
    (":a", 'Syntax error; token: ":a", near: ":a"'),
    ("size(a)", 'Syntax error; token: "(", near: "size(a"'),
    ("1a", 'Syntax error; token: "1", near: "1a"'),
    ("status", "Attribute name is a reserved keyword; reserved keyword: status"),
    ("m.Value", "Attribute name is a reserved keyword; reserved keyword: Value"),
    ("#gone", "An expression attribute name used in the document path is not defined; attribute name: #gone"),
    ("a, a", "Two document paths overlap with each other; must remove or rewrite one of these paths; "
             "path one: [a], path two: [a]"),
    ("m, m.k", "Two document paths overlap with each other; must remove or rewrite one of these paths; "
               "path one: [m], path two: [m, k]"),
    ("m.k, m", "Two document paths overlap with each other; must remove or rewrite one of these paths; "
               "path one: [m, k], path two: [m]"),
    ("l[0].x, l[0]", "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                     "path one: [l, [0], x], path two: [l, [0]]"),
    ("m.k, m[0]", "Two document paths conflict with each other; must remove or rewrite one of these paths; "
                  "path one: [m, k], path two: [m, [0]]"),
    ("m.k, m[0], a, a", "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                        "path one: [a], path two: [a]"),
    ("status, #gone", "Attribute name is a reserved keyword; reserved keyword: status"),
    ("a, a, #gone", "An expression attribute name used in the document path is not defined; attribute name: #gone"),
    ("l[4294967295]", "List index is not within the allowable range; index: [4294967295]"),
])
def test_refusal(ddb, table, target, expression, text):
    with refused("ValidationException") as refusal:
        ddb.get_item(TableName=table, Key=target, ProjectionExpression=expression)
    assert refusal.message == "Invalid ProjectionExpression: " + text


def test_two_names_for_one_attribute_overlap(ddb, table, target):
    with refused("ValidationException", "Two document paths overlap with each other"):
        ddb.get_item(
            TableName=table, Key=target, ProjectionExpression="a, #other", ExpressionAttributeNames={"#other": "a"})


def test_the_same_name_may_be_used_twice(ddb, table, target):
    found = ddb.get_item(
        TableName=table, Key=target, ProjectionExpression="#x.k, #x.deep", ExpressionAttributeNames={"#x": "m"})
    assert found["Item"] == {"m": {"M": {"k": {"S": "v"}, "deep": ITEM["m"]["M"]["deep"]}}}


def test_no_path_leads_into_the_key(ddb, table, target):
    with refused("ValidationException") as refusal:
        ddb.get_item(TableName=table, Key=target, ProjectionExpression="pk.x")
    assert refusal.message == (
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk")
