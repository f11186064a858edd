from .conftest import unique, refused


def test_a_new_table_is_listed(ddb, make_table):
    name = make_table()
    names, start = [], {}
    while True:
        page = ddb.list_tables(Limit=100, **start)
        names += page["TableNames"]
        if "LastEvaluatedTableName" not in page:
            break
        start = {"ExclusiveStartTableName": page["LastEvaluatedTableName"]}
    assert name in names
    assert names == sorted(names)


def test_a_limit_of_zero_is_refused(ddb):
    with refused("ValidationException", "Member must have value greater than or equal to 1"):
        ddb.list_tables(Limit=0)


def test_a_limit_over_a_hundred_is_refused(ddb):
    with refused("ValidationException", "Member must have value less than or equal to 100"):
        ddb.list_tables(Limit=101)


def test_the_start_need_not_exist(ddb, make_table):
    name = make_table(name=unique("zz"))
    assert name in ddb.list_tables(ExclusiveStartTableName="zya")["TableNames"]
