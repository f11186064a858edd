"""The checker itself: histories made by hand that are and are not linearizable, and random ones of both kinds."""

import random

import pytest

from .checker import Operation, Register, Store, explain, linearizable, windows

_ = None


def history(*lines):
    """Lines of (process, action, answer, called, returned)."""
    return [Operation(*line) for line in lines]


GOOD = {
    "one after another": history(
        ("a", ("put", 1), "ok", 0, 1), ("a", ("get",), (1, _), 2, 3), ("a", ("delete",), "ok", 4, 5),
        ("a", ("get",), "none", 6, 7)),
    "a read beside a write sees the new value": history(
        ("a", ("put", 1), "ok", 0, 10), ("b", ("get",), (1, _), 1, 2)),
    "a read beside a write sees the old value": history(
        ("a", ("put", 1), "ok", 0, 10), ("b", ("get",), "none", 1, 2)),
    "two writes at once in either order": history(
        ("a", ("put", 1), "ok", 0, 10), ("b", ("put", 2), "ok", 0, 10), ("c", ("get",), (1, _), 11, 12)),
    "of two creations one is refused": history(
        ("a", ("create", 1), "ok", 0, 10), ("b", ("create", 2), "refused", 1, 9)),
    "a creation after a deletion": history(
        ("a", ("put", 1), "ok", 0, 1), ("b", ("delete",), "ok", 2, 9), ("c", ("create", 2), "ok", 3, 8)),
    "counts in any order": history(
        ("a", ("add", 1), 3, 0, 10), ("b", ("add", 2), 2, 0, 10), ("c", ("get",), (_, 3), 11, 12)),
    "a set keeps the counter and a put does not": history(
        ("a", ("add", 5), 5, 0, 1), ("a", ("set", 1), "ok", 2, 3), ("a", ("get",), (1, 5), 4, 5),
        ("a", ("put", 2), "ok", 6, 7), ("a", ("get",), (2, _), 8, 9)),
    "a lost call may have happened": history(
        ("a", ("put", 1), None, 0, None), ("b", ("get",), (1, _), 5, 6)),
    "a lost call may not have happened": history(
        ("a", ("put", 1), None, 0, None), ("b", ("get",), "none", 5, 6)),
    "a crash ends a lost call": history(
        ("a", ("put", 1), None, 0, 5), ("b", ("get",), "none", 6, 7), ("b", ("get",), "none", 8, 9)),
    "a lost call may happen late": history(
        ("a", ("put", 1), None, 0, None), ("b", ("get",), "none", 5, 6), ("b", ("get",), (1, _), 7, 8)),
}

BAD = {
    "a lost write": history(("a", ("put", 1), "ok", 0, 1), ("b", ("get",), "none", 2, 3)),
    "a stale read": history(
        ("a", ("put", 1), "ok", 0, 1), ("a", ("put", 2), "ok", 2, 3), ("b", ("get",), (1, _), 4, 5)),
    "a value that nobody wrote": history(("a", ("put", 1), "ok", 0, 1), ("b", ("get",), (7, _), 2, 3)),
    "going back in time": history(
        ("a", ("put", 1), "ok", 0, 100), ("b", ("get",), (1, _), 1, 2), ("c", ("get",), "none", 3, 4)),
    "two readers disagree about the order": history(
        ("a", ("put", 1), "ok", 0, 100), ("b", ("put", 2), "ok", 0, 100), ("c", ("get",), (1, _), 1, 2),
        ("c", ("get",), (2, _), 3, 4), ("c", ("get",), (1, _), 5, 6)),
    "two creations succeed": history(
        ("a", ("create", 1), "ok", 0, 10), ("b", ("create", 2), "ok", 1, 9)),
    "two swaps of one value succeed": history(
        ("a", ("put", 1), "ok", 0, 1), ("b", ("swap", 1, 2), "ok", 2, 9), ("c", ("swap", 1, 3), "ok", 2, 9)),
    "a lost update": history(
        ("a", ("add", 1), 1, 0, 10), ("b", ("add", 1), 1, 0, 10)),
    "a count that was taken twice": history(
        ("a", ("add", 1), 1, 0, 1), ("a", ("get",), (_, 2), 2, 3)),
    "a lost call happens after the crash that ended it": history(
        ("a", ("put", 1), None, 0, 5), ("b", ("get",), "none", 6, 7), ("b", ("get",), (1, _), 8, 9)),
    "a lost call happens twice": history(
        ("a", ("add", 1), None, 0, None), ("b", ("get",), (_, 2), 5, 6)),
    "a lost call is undone": history(
        ("a", ("put", 1), None, 0, None), ("b", ("get",), (1, _), 5, 6), ("b", ("get",), "none", 7, 8)),
    "a refused write happened": history(
        ("a", ("create", 1), "refused", 0, 1), ("b", ("get",), (1, _), 2, 3)),
}


@pytest.mark.parametrize("name", GOOD)
def test_linearizable(name):
    assert linearizable(GOOD[name], Register) and explain(GOOD[name], Register) is None


@pytest.mark.parametrize("name", BAD)
def test_not_linearizable(name):
    assert not linearizable(BAD[name], Register) and explain(BAD[name], Register)


def write(*parts):
    return "write", parts


GOOD_TRANSACTIONS = {
    "all or nothing is seen": history(
        ("a", write((0, ("put", 1)), (1, ("put", 1))), "ok", 0, 10), ("b", ("read", (0, 1)), ((1, _), (1, _)), 1, 2),
        ("c", ("read", (0, 1)), ((1, _), (1, _)), 3, 4)),
    "one refusal refuses all": history(
        ("a", (0, ("put", 1)), "ok", 0, 1), ("a", write((0, ("create", 2)), (1, ("put", 2))), "refused", 2, 3),
        ("a", ("read", (0, 1)), ((1, _), _), 4, 5)),
    "single writes between": history(
        ("a", write((0, ("add", 1)), (1, ("add", -1))), "ok", 0, 9), ("b", (0, ("add", 10)), 11, 1, 8),
        ("c", ("read", (0, 1)), ((_, 11), (_, -1)), 10, 11)),
}
BAD_TRANSACTIONS = {
    "half a transaction is seen": history(
        ("a", write((0, ("put", 1)), (1, ("put", 1))), "ok", 0, 10), ("b", ("read", (0, 1)), ((1, _), _), 1, 2)),
    "halves are seen one after the other": history(
        ("a", write((0, ("put", 1)), (1, ("put", 1))), "ok", 0, 10), ("b", (0, ("get",)), (1, _), 1, 2),
        ("b", (1, ("get",)), "none", 3, 4)),
    "a refused transaction did something": history(
        ("a", (0, ("put", 1)), "ok", 0, 1), ("a", write((0, ("create", 2)), (1, ("put", 2))), "refused", 2, 3),
        ("a", (1, ("get",)), (2, _), 4, 5)),
    "write skew": history(
        ("s", write((0, ("put", 1)), (1, ("put", 1))), "ok", 0, 1),
        ("a", write((0, ("swap", 1, 1)), (1, ("put", 2))), "ok", 2, 9),
        ("b", write((1, ("swap", 1, 1)), (0, ("put", 2))), "ok", 2, 9)),
    "readers disagree about the order": history(
        ("a", (0, ("put", 1)), "ok", 0, 100), ("b", (1, ("put", 1)), "ok", 0, 100),
        ("c", ("read", (0, 1)), ((1, _), _), 1, 2), ("d", ("read", (0, 1)), (_, (1, _)), 1, 2)),
    "half of a lost transaction happened": history(
        ("a", write((0, ("put", 1)), (1, ("put", 1))), None, 0, None), ("b", ("read", (0, 1)), ((1, _), _), 5, 6)),
}


@pytest.mark.parametrize("name", GOOD_TRANSACTIONS)
def test_serialisable(name):
    assert explain(GOOD_TRANSACTIONS[name], Store(2)) is None


@pytest.mark.parametrize("name", BAD_TRANSACTIONS)
def test_not_serialisable(name):
    assert explain(BAD_TRANSACTIONS[name], Store(2))


def recorded(dice, processes=4, rounds=15):
    """A history that was carried out one by one, each call at a random time between its call and its return."""
    lines, times = [], []
    for process in range(processes):
        now = dice.random()
        for _round in range(rounds):
            called = now + dice.random()
            moment = called + dice.random()
            returned = moment + dice.random()
            times.append((moment, process, called, returned))
            now = returned
    state = None
    for moment, process, called, returned in sorted(times):
        value = dice.randrange(4)
        action = dice.choice([
            ("get",), ("get",), ("put", value), ("create", value), ("swap", value, dice.randrange(4)), ("delete",),
            ("add", 1), ("set", value), ("remove", value)])
        answer, state = Register.apply(state, action)
        lines.append(Operation(process, action, answer, called, returned))
    return lines


@pytest.mark.parametrize("seed", range(20))
def test_what_was_carried_out_in_order_is_explained(seed):
    assert explain(recorded(random.Random(seed)), Register) is None


@pytest.mark.parametrize("seed", range(20))
def test_one_false_answer_is_found(seed):
    """A count that nobody can have reached."""
    dice = random.Random(seed)
    lines = recorded(dice)
    lines.append(Operation("x", ("add", 1), 1000, lines[5].called, lines[20].returned))
    assert explain(lines, Register)


def test_windows_cut_only_where_nothing_is_on_its_way():
    parts = list(windows(history(
        ("a", ("get",), _, 0, 5), ("b", ("get",), _, 1, 2), ("a", ("get",), _, 6, 7), ("b", ("get",), _, 8, None),
        ("a", ("get",), _, 9, 10), ("a", ("get",), _, 11, 12))))
    assert [len(part) for part in parts] == [2, 1, 3]
