"""Short names for attribute values and for the conditions of legacy parameters."""


def S(text):
    return {"S": text}


def N(number):
    return {"N": str(number)}


def B(content):
    return {"B": content}


def L(*members):
    return {"L": list(members)}


def when(operator, *values):
    """One entry of Expected, QueryFilter, ScanFilter or KeyConditions."""
    return {"ComparisonOperator": operator, "AttributeValueList": list(values)}
