"""What is wrong with an expression, in AWS's words, and which of several faults is told."""

import pytest

from .conftest import refused

INVALID = "ValidationException"
VALUES = {
    ":n": {"N": "5"}, ":m": {"N": "1"}, ":s": {"S": "text"}, ":b": {"B": b"x"}, ":t": {"BOOL": True}, ":z": {"NULL": True},
    ":l": {"L": [{"N": "1"}]}, ":o": {"M": {}}, ":ss": {"SS": ["a"]}, ":ns": {"NS": ["1"]}, ":bs": {"BS": [b"a"]},
    ":typ": {"S": "X"},
}
NAMES = {"#a": "a", "#b": "b"}

RESERVED = "Attribute name is a reserved keyword; reserved keyword: "
NAME = "An expression attribute name used in the document path is not defined; attribute name: "
VALUE = "An expression attribute value used in expression is not defined; attribute value: "
FOREIGN = "The function is not allowed in {} expression; function: "
FUNCTION = "Invalid function name; function: "
MISUSED = "The function is not allowed to be used this way in an expression; function: "
COUNT = "Incorrect number of operands for operator or function; operator or function: "
TYPE = "Incorrect operand type for operator or function; operator or function: "
TYPED = "Incorrect operand type for operator or function; operator: "
PATH = "Operator or function requires a document path; operator or function: "
DISTINCT = "The first operand must be distinct from the remaining operands for this operator or function; operator: "
PARENTHESES = "The expression has redundant parentheses;"
OVERLAP = "Two document paths overlap with each other; must remove or rewrite one of these paths; "
CONFLICT = "Two document paths conflict with each other; must remove or rewrite one of these paths; "
BETWEEN = "The BETWEEN operator requires "
EMPTY = "The expression can not be empty;"


def syntax(token, near):
    return f'Syntax error; token: "{token}", near: "{near}"'


CONDITIONS = [
    ("", EMPTY),
    ("   ", EMPTY),
    # Syntax: the token and its neighbours
    ("!!", syntax("!", "!!")),
    ("a", syntax("<EOF>", "a")),
    ("a =", syntax("<EOF>", "=")),
    ("a = ", syntax("<EOF>", "=")),
    ("= :n", syntax("=", "= :n")),
    ("a :n", syntax(":n", "a :n")),
    ("a  b", syntax("b", "a  b")),
    ("a = :n b", syntax("b", ":n b")),
    ("a = :n AND", syntax("<EOF>", "AND")),
    ("AND a = :n", syntax("AND", "AND a")),
    ("a AND b = :n", syntax("AND", "a AND b")),
    ("a = :n OR OR b = :n", syntax("OR", "OR OR b")),
    ("NOT", syntax("<EOF>", "NOT")),
    ("a NOT = :n", syntax("NOT", "a NOT =")),
    ("a == :n", syntax("=", "== :n")),
    ("a != :n", syntax("!", "a !=")),
    ("a => :n", syntax(">", "=> :n")),
    ("a-b = :n", syntax("-", "a-b")),
    ("a + b = :n", syntax("+", "a + b")),
    ("(a = :n", syntax("<EOF>", ":n")),
    ("a = :n)", syntax(")", ":n)")),
    ("()", syntax(")", "()")),
    ("a = 5", syntax("5", "= 5")),
    ("a = 'x'", syntax("'", "= 'x")),
    ('a = "x"', syntax('"', '= "x')),
    ("a.0 = :n", syntax("0", ".0 =")),
    ("a. = :n", syntax("=", ". = :n")),
    ("a[x] = :n", syntax("x", "[x]")),
    ("a[0 = :n", syntax("=", "0 = :n")),
    ("a[] = :n", syntax("]", "[] =")),
    ("a[:n] = :n", syntax(":n", "[:n]")),
    ("_a = :n", syntax("_", "_a")),
    ("1a = :n", syntax("1", "1a")),
    ("a = #", syntax("#", "= #")),
    ("a = :", syntax(":", "= :")),
    ("a BETWEEN :m", syntax("<EOF>", ":m")),
    ("a BETWEEN :m OR :n", syntax("OR", ":m OR :n")),
    ("a IN :n", syntax(":n", "IN :n")),
    ("a IN ()", syntax(")", "()")),
    ("a IN (:n", syntax("<EOF>", ":n")),
    ("a IN (:n,)", syntax(")", ",)")),
    ("contains()", syntax(")", "()")),
    ("contains(a, )", syntax(")", ", )")),
    ("contains(a :s)", syntax(":s", "a :s)")),
    ("(a = :n) = :n", syntax("=", ") = :n")),
    ("a = b = c", syntax("=", "b = c")),
    # Parentheses
    ("((a = :n))", PARENTHESES),
    ("((a = :n) AND b = :m) OR ((a = :m))", PARENTHESES),
    ("((a)) = :n", PARENTHESES),
    # Functions
    ("nofn(a)", FUNCTION + "nofn"),
    ("Contains(a, :s)", FUNCTION + "Contains"),
    ("SIZE(a) > :n", FUNCTION + "SIZE"),
    ("if_not_exists(a, :n) = :n", FOREIGN.format("a condition") + "if_not_exists"),
    ("list_append(a, :l) = :l", FOREIGN.format("a condition") + "list_append"),
    ("size(a)", MISUSED + "size"),
    ("NOT size(a)", MISUSED + "size"),
    ("contains(a, :s) = :t", MISUSED + "contains"),
    ("a = begins_with(b, :s)", MISUSED + "begins_with"),
    ("a IN (attribute_exists(b))", MISUSED + "attribute_exists"),
    ("a BETWEEN :m AND contains(b, :s)", MISUSED + "contains"),
    ("contains(attribute_exists(a), :s)", MISUSED + "attribute_exists"),
    # Reserved words, as they were written
    ("name = :n", RESERVED + "name"),
    ("Status = :n", RESERVED + "Status"),
    ("TTL = :n", RESERVED + "TTL"),
    ("a.data = :n", RESERVED + "data"),
    ("a[0].Values = :n", RESERVED + "Values"),
    ("attribute_exists(year)", RESERVED + "year"),
    ("size(items) > :n", RESERVED + "items"),
    ("a = date", RESERVED + "date"),
    ("user = :n OR zone = :n", RESERVED + "user"),
    # Substitutions
    ("#gone = :n", NAME + "#gone"),
    ("a.#gone = :n", NAME + "#gone"),
    ("a = :gone", VALUE + ":gone"),
    ("a IN (:n, :gone)", VALUE + ":gone"),
    ("a BETWEEN :gone AND :n", VALUE + ":gone"),
    ("contains(a, :gone)", VALUE + ":gone"),
    # Numbers of operands
    ("attribute_exists(a, b)", COUNT + "attribute_exists, number of operands: 2"),
    ("attribute_not_exists(a, b)", COUNT + "attribute_not_exists, number of operands: 2"),
    ("attribute_type(a)", COUNT + "attribute_type, number of operands: 1"),
    ("begins_with(a)", COUNT + "begins_with, number of operands: 1"),
    ("begins_with(a, :s, :s)", COUNT + "begins_with, number of operands: 3"),
    ("contains(a)", COUNT + "contains, number of operands: 1"),
    ("size(a, b) = :n", COUNT + "size, number of operands: 2"),
    # One path twice
    ("a = a", DISTINCT + "=, first operand: [a]"),
    ("a <> a", DISTINCT + "<>, first operand: [a]"),
    ("a < #a", DISTINCT + "<, first operand: [a]"),
    ("a.b[1] >= a.b[1]", DISTINCT + ">=, first operand: [a, b, [1]]"),
    ("contains(a, a)", DISTINCT + "contains, first operand: [a]"),
    ("begins_with(a, a)", DISTINCT + "begins_with, first operand: [a]"),
    # Types of operands
    ("begins_with(a, :n)", TYPE + "begins_with, operand type: N"),
    ("begins_with(a, :ss)", TYPE + "begins_with, operand type: SS"),
    ("begins_with(:l, :s)", TYPE + "begins_with, operand type: L"),
    ("size(:n) > :n", TYPE + "size, operand type: N"),
    ("size(:t) > :n", TYPE + "size, operand type: BOOL"),
    ("size(:z) > :n", TYPE + "size, operand type: NULL"),
    ("attribute_type(a, :n)", TYPE + "attribute_type, operand type: N"),
    ("a < :t", TYPE + "<, operand type: BOOL"),
    ("a <= :z", TYPE + "<=, operand type: NULL"),
    ("a > :l", TYPE + ">, operand type: L"),
    ("a >= :o", TYPE + ">=, operand type: M"),
    ("a < :ss", TYPE + "<, operand type: SS"),
    ("a > :ns", TYPE + ">, operand type: NS"),
    ("a <= :bs", TYPE + "<=, operand type: BS"),
    ("a BETWEEN :t AND :t", TYPE + "BETWEEN, operand type: BOOL"),
    ("a BETWEEN :ss AND :ss", TYPE + "BETWEEN, operand type: SS"),
    ("attribute_exists(:s)", PATH + "attribute_exists"),
    ("attribute_not_exists(:s)", PATH + "attribute_not_exists"),
    ("attribute_exists(size(a))", PATH + "attribute_exists"),
    ("attribute_type(a, :typ)", "Invalid attribute type name found; type: X, valid types: {"),
    ("a BETWEEN :n AND :m", BETWEEN + "upper bound to be greater than or equal to lower bound; "
     "lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {N:1}"),
    ("a BETWEEN :n AND :s", BETWEEN + "same data type for lower and upper bounds; "
     "lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {S:text}"),
    ("a[4294967295] = :n", "List index is not within the allowable range; index: [4294967295]"),
    # Of several faults the first of their kinds, wherever it stands
    ("((nofn(a)))", PARENTHESES),
    ("nofn(a) AND ((b = :n))", PARENTHESES),
    ("size(a) AND nofn(b)", FUNCTION + "nofn"),
    ("name = :n AND nofn(a)", FUNCTION + "nofn"),
    ("name = :n AND size(a)", MISUSED + "size"),
    ("name = contains(a, :s)", MISUSED + "contains"),
    ("name = :gone", RESERVED + "name"),
    ("#gone = name", RESERVED + "name"),
    ("a = :gone AND name = :n", RESERVED + "name"),
    ("contains(a) AND name = :n", RESERVED + "name"),
    ("contains(:gone)", VALUE + ":gone"),
    ("contains(#gone)", NAME + "#gone"),
    ("begins_with(#gone, :n)", NAME + "#gone"),
    ("size(:n, :n) > :n", COUNT + "size, number of operands: 2"),
    ("a = !", syntax("!", "= !")),
    ("name = nofn(a", syntax("<EOF>", "a")),
]


def used(every, expression):
    names = {name for name in every if name in expression.replace(",", " ")}
    return {name: every[name] for name in names if any(
        expression[place + len(name):place + len(name) + 1] not in set("abcdefghijklmnopqrstuvwxyz")
        for place in range(len(expression)) if expression.startswith(name, place))}


def parameters(expression):
    more = {}
    if used(VALUES, expression):
        more["ExpressionAttributeValues"] = used(VALUES, expression)
    if used(NAMES, expression):
        more["ExpressionAttributeNames"] = used(NAMES, expression)
    return more


@pytest.mark.parametrize("expression, text", CONDITIONS, ids=[each[0] for each in CONDITIONS])
def test_condition(ddb, table, key, expression, text):
    with refused(INVALID, "Invalid ConditionExpression: " + text):
        ddb.put_item(TableName=table, Item=key, ConditionExpression=expression, **parameters(expression))


@pytest.mark.parametrize("expression, text", [
    ("", EMPTY), ("name = :n", RESERVED + "name"), ("a = :gone", VALUE + ":gone"), ("a !", syntax("!", "a !")),
    ("nofn(a)", FUNCTION + "nofn"), ("begins_with(a, :n)", TYPE + "begins_with, operand type: N"), ("((a = :n))", PARENTHESES)])
def test_filter(ddb, table, expression, text):
    with refused(INVALID) as refusal:
        ddb.scan(TableName=table, FilterExpression=expression, **parameters(expression))
    assert refusal.message == "Invalid FilterExpression: " + text


UPDATES = [
    ("", EMPTY),
    (" \t\n", EMPTY),
    # Syntax
    ("whatever", syntax("whatever", "whatever")),
    ("INVALID SYNTAX HERE", syntax("INVALID", "INVALID SYNTAX")),
    ("SET", syntax("<EOF>", "SET")),
    ("SET a", syntax("<EOF>", "a")),
    ("SET a =", syntax("<EOF>", "=")),
    ("SET a :n", syntax(":n", "a :n")),
    ("SET a = :n,", syntax("<EOF>", ",")),
    ("SET ,a = :n", syntax(",", "SET ,a")),
    ("SET  REMOVE a", syntax("REMOVE", "SET  REMOVE a")),
    ("SET a = :n b = :m", syntax("b", ":n b =")),
    ("SET a = :n, REMOVE b", syntax("REMOVE", ", REMOVE b")),
    ("SET a = :n + :m + :m", syntax("+", ":m + :m")),
    ("SET a = :n +", syntax("<EOF>", "+")),
    ("SET a = :n * :m", syntax("*", ":n * :m")),
    ("SET a = -:n", syntax("-", "= -:n")),
    ("SET a = 5", syntax("5", "= 5")),
    ("SET a = (:n", syntax("<EOF>", ":n")),
    ("SET a += :n", syntax("+", "a +=")),
    ("SET a = if_not_exists(a, :n + :m)", syntax("+", ":n + :m")),
    ("SET a = list_append(:l, )", syntax(")", ", )")),
    ("SET :n = a", syntax(":n", "SET :n =")),
    ("SET a = :n AND b = :m", syntax("AND", ":n AND b")),
    ("REMOVE", syntax("<EOF>", "REMOVE")),
    ("REMOVE a = :n", syntax("=", "a = :n")),
    ("REMOVE a b", syntax("b", "a b")),
    ("REMOVE :n", syntax(":n", "REMOVE :n")),
    ("ADD a", syntax("<EOF>", "a")),
    ("ADD a b", syntax("b", "a b")),
    ("ADD a = :n", syntax("=", "a = :n")),
    ("ADD a : n", syntax(":", "a : n")),
    ("DELETE a", syntax("<EOF>", "a")),
    ("DELETE a, b", syntax(",", "a, b")),
    # Reserved words and functions
    ("SET name = :n", RESERVED + "name"),
    ("SET a = Name", RESERVED + "Name"),
    ("REMOVE a.Items[0]", RESERVED + "Items"),
    ("ADD count :n", RESERVED + "count"),
    ("DELETE values :ss", RESERVED + "values"),
    ("SET a = nofn(b)", FUNCTION + "nofn"),
    ("SET a = size(b)", FOREIGN.format("an update") + "size"),
    ("SET a = contains(b, :s)", FOREIGN.format("an update") + "contains"),
    ("SET a = attribute_exists(b)", FOREIGN.format("an update") + "attribute_exists"),
    ("SET a = List_Append(b, :l)", FUNCTION + "List_Append"),
    # Sections
    ("SET a = :n SET b = :m", 'The "SET" section can only be used once in an update expression;'),
    ("REMOVE a REMOVE b", 'The "REMOVE" section can only be used once in an update expression;'),
    ("ADD a :n SET b = :s ADD c :n", 'The "ADD" section can only be used once in an update expression;'),
    ("DELETE a :ss DELETE b :ss", 'The "DELETE" section can only be used once in an update expression;'),
    # Substitutions
    ("SET #gone = :n", NAME + "#gone"),
    ("REMOVE #gone", NAME + "#gone"),
    ("SET a = #gone", NAME + "#gone"),
    ("SET a = :gone", VALUE + ":gone"),
    ("ADD a :gone", VALUE + ":gone"),
    ("DELETE a :gone", VALUE + ":gone"),
    ("SET a = list_append(a, :gone)", VALUE + ":gone"),
    # Paths
    ("SET a = :n, a = :m", OVERLAP + "path one: [a], path two: [a]"),
    ("SET a = :n, #a = :m", OVERLAP + "path one: [a], path two: [a]"),
    ("SET a = :n REMOVE a", OVERLAP + "path one: [a], path two: [a]"),
    ("SET a = :n REMOVE a.b", OVERLAP + "path one: [a], path two: [a, b]"),
    ("SET a.b[1] = :n, #a.b = :m", OVERLAP + "path one: [a, b, [1]], path two: [a, b]"),
    ("ADD a :n DELETE a :ss", OVERLAP + "path one: [a], path two: [a]"),
    ("SET a[0] = :n, a[0].b = :m", OVERLAP + "path one: [a, [0]], path two: [a, [0], b]"),
    ("SET a.b = :n, a[0] = :m", CONFLICT + "path one: [a, b], path two: [a, [0]]"),
    ("SET a[0] = :n REMOVE a.b.c", CONFLICT + "path one: [a, [0]], path two: [a, b, c]"),
    # Operands
    ("ADD a :s", TYPED + "ADD, operand type: STRING"),
    ("ADD a :b", TYPED + "ADD, operand type: BINARY"),
    ("ADD a :t", TYPED + "ADD, operand type: BOOLEAN"),
    ("ADD a :z", TYPED + "ADD, operand type: NULL"),
    ("ADD a :l", TYPED + "ADD, operand type: LIST"),
    ("ADD a :o", TYPED + "ADD, operand type: MAP"),
    ("DELETE a :n", TYPED + "DELETE, operand type: NUMBER"),
    ("DELETE a :s", TYPED + "DELETE, operand type: STRING"),
    ("DELETE a :l", TYPED + "DELETE, operand type: LIST"),
    ("DELETE a :o", TYPED + "DELETE, operand type: MAP"),
    ("SET a = :s + :n", TYPE + "+, operand type: S"),
    ("SET a = b + :l", TYPE + "+, operand type: L"),
    ("SET a = :n - :t", TYPE + "-, operand type: BOOL"),
    ("SET a = list_append(a, :n)", TYPE + "list_append, operand type: N"),
    ("SET a = list_append(:ss, :l)", TYPE + "list_append, operand type: SS"),
    ("SET a = list_append(a)", COUNT + "list_append, number of operands: 1"),
    ("SET a = list_append(a, b, c)", COUNT + "list_append, number of operands: 3"),
    ("SET a = if_not_exists(a)", COUNT + "if_not_exists, number of operands: 1"),
    ("SET a = if_not_exists(a, :n, :m)", COUNT + "if_not_exists, number of operands: 3"),
    ("SET a = if_not_exists(:n, :m)", PATH + "if_not_exists"),
    ("SET a[4294967295] = :n", "List index is not within the allowable range; index: [4294967295]"),
    # Of several faults the first of their kinds, wherever it stands
    ("SET a = nofn(b), name = :n", RESERVED + "name"),
    ("SET a = :n SET name = :n", RESERVED + "name"),
    ("SET a = :n SET b = nofn(c)", FUNCTION + "nofn"),
    ("SET a = :gone SET b = #gone", 'The "SET" section can only be used once in an update expression;'),
    ("SET a = :gone, b = #gone", NAME + "#gone"),
    ("SET a = :n, a = :gone", VALUE + ":gone"),
    ("SET a.b = :n, a[0] = :n, c = :n, c = :n", OVERLAP + "path one: [c], path two: [c]"),
    ("SET a = :n, a = :m ADD b :s", OVERLAP + "path one: [a], path two: [a]"),
    ("SET a.b = :n, a[0] = :m ADD b :s", CONFLICT + "path one: [a, b], path two: [a, [0]]"),
    ("SET a = :s + :n ADD b :s", TYPED + "ADD, operand type: STRING"),
]


@pytest.mark.parametrize("expression, text", UPDATES, ids=[each[0] for each in UPDATES])
def test_update(ddb, table, key, expression, text):
    with refused(INVALID) as refusal:
        ddb.update_item(TableName=table, Key=key, UpdateExpression=expression, **parameters(expression))
    assert refusal.message == "1 validation error detected: Invalid UpdateExpression: " + text


# Names and values around the expression


@pytest.mark.parametrize("more, text", [
    ({"ExpressionAttributeNames": {}}, "ExpressionAttributeNames must not be empty"),
    ({"ExpressionAttributeValues": {}}, "ExpressionAttributeValues must not be empty"),
    ({"ExpressionAttributeNames": {"a": "a"}}, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'),
    ({"ExpressionAttributeNames": {"#": "a"}}, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "#"'),
    ({"ExpressionAttributeNames": {"#a-b": "a"}}, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b"'),
    ({"ExpressionAttributeNames": {"#ä": "a"}}, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "#ä"'),
    ({"ExpressionAttributeNames": {"": "a"}}, 'ExpressionAttributeNames contains invalid key: Syntax error; key: ""'),
    ({"ExpressionAttributeValues": {"v": {"S": "a"}}},
     'ExpressionAttributeValues contains invalid key: Syntax error; key: "v"'),
    ({"ExpressionAttributeValues": {":": {"S": "a"}}},
     'ExpressionAttributeValues contains invalid key: Syntax error; key: ":"'),
    ({"ExpressionAttributeValues": {":a b": {"S": "a"}}},
     'ExpressionAttributeValues contains invalid key: Syntax error; key: ":a b"'),
    ({"ExpressionAttributeValues": {":v": {"N": "x"}}},
     "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x for key :v"),
    ({"ExpressionAttributeValues": {":v": {}}},
     "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the "
     "supported datatypes for key :v"),
    ({"ExpressionAttributeNames": {"#a": "a"}},
     "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"),
    ({"ExpressionAttributeValues": {":v": {"S": "a"}}},
     "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"),
])
def test_substitutions(ddb, table, key, more, text):
    with refused(INVALID, text):
        ddb.put_item(TableName=table, Item=key, ConditionExpression="attribute_not_exists(a)", **more)


def test_every_unused_name_is_listed(ddb, table, key):
    with refused(INVALID, "Value provided in ExpressionAttributeNames unused in expressions: keys: {", "#b", "#c") as refusal:
        ddb.put_item(
            TableName=table, Item=key, ConditionExpression="attribute_not_exists(#a)",
            ExpressionAttributeNames={"#a": "a", "#b": "b", "#c": "c"})
    assert "#a" not in refusal.message


def test_a_name_with_digits_and_underscores_is_fine(ddb, table, key):
    ddb.put_item(
        TableName=table, Item=key, ConditionExpression="attribute_not_exists(#0_a) AND a <> :_9",
        ExpressionAttributeNames={"#0_a": "b"}, ExpressionAttributeValues={":_9": {"S": "x"}})


def test_substitutions_are_told_apart_by_case(ddb, table, key):
    with refused(INVALID, NAME + "#A"):
        ddb.put_item(
            TableName=table, Item=key, ConditionExpression="attribute_not_exists(#A)", ExpressionAttributeNames={"#a": "a"})


@pytest.mark.parametrize("expression", [
    "attribute_not_exists(a)\n", "\tattribute_not_exists(a)", "a<>:n", "a <> :n and b<>:n", "(a <> :n)AND(b <> :n)",
    "NOT(a = :n)", "a.b.c[0][1].d <> :n", "a <> :n AND (b <> :n OR (c <> :n AND d <> :n))", "a0_B <> :n", "sizes <> :n",
    "android <> :n", "inn <> :n", "nota <> :n", "attribute_not_exists ( a )", "a [ 0 ] <> :n"])
def test_a_condition_may_be_written_like_this(ddb, table, key, expression):
    ddb.put_item(TableName=table, Item=key, ConditionExpression=expression, **parameters(expression))
