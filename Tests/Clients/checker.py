"""Is a recorded history linearizable?

A history is a list of operations, each with the times of its call and of its return. It is linearizable when the
operations can be put in an order that a single thread could have carried out with the same answers, in which no
operation comes before one that had returned when it was called. For transactions over a whole small store this is
strict serialisability.

The search is that of Wing and Gong, with Lowe's memory of what has been tried (sets of operations done, and state).
"""


class Operation:
    """One call.

    `answer` is None when it never came: then the call may have happened or not. `returned` is None while nobody
    knows that it is over; after a crash it is the time at which the server was gone.
    """

    __slots__ = ("process", "action", "answer", "called", "returned")

    def __init__(self, process, action, answer, called, returned):
        self.process, self.action, self.answer = process, action, answer
        self.called, self.returned = called, returned

    def __repr__(self):
        return f"[{self.called}..{self.returned}] {self.process}: {self.action} -> {self.answer}"


class TooHard(Exception):
    """The search was given up; the history has too many operations at once."""


def linearizable(history, model, limit=2_000_000):
    """Whether some order of the operations explains the history.

    model.start: the first state, hashable
    model.step(state, action, answer): the states that this action may lead to with this answer, an empty list when
        the answer is impossible; when the answer never came, the unchanged state is among them
    """
    operations = sorted(history, key=lambda each: each.called)
    starts = model.start if isinstance(model.start, (list, set)) else [model.start]
    return bool(final_states(operations, starts, model.step, limit))


def final_states(operations, starts, step, limit=2_000_000):
    """All states in which an explained history may end."""
    count = len(operations)
    must = sum(1 << place for place, each in enumerate(operations) if each.returned is not None)
    found, seen, stack = set(), set(), [(0, state) for state in starts]
    while stack:
        done, state = stack.pop()
        if (done, state) in seen:
            continue
        seen.add((done, state))
        if len(seen) > limit:
            raise TooHard(f"{count} operations, {limit} positions tried")
        if done & must == must:
            found.add(state)
        # Only an operation called before the first return of those that are left may come next.
        first_return = None
        for place, each in enumerate(operations):
            if done >> place & 1:
                continue
            if first_return is not None and each.called > first_return:
                break
            if each.returned is not None and (first_return is None or each.returned < first_return):
                first_return = each.returned
        for place, each in enumerate(operations):
            if first_return is not None and each.called > first_return:
                break
            if done >> place & 1:
                continue
            for following in step(state, each.action, each.answer):
                stack.append((done | 1 << place, following))
    return found


def windows(history):
    """Cuts a history where nothing is on its way: each part can be checked with the states the one before left.

    A call that is not known to be over stays on its way for ever, so behind the first of those there is no cut.
    """
    part, end = [], None
    for each in sorted(history, key=lambda operation: operation.called):
        if part and end is not None and each.called > end:
            yield part
            part, end = [], -1
        part.append(each)
        if each.returned is None:
            end = None
        elif len(part) == 1 or end is not None:
            end = each.returned if len(part) == 1 else max(end, each.returned)
    if part:
        yield part


def explain(history, model, limit=2_000_000):
    """None when the history is linearizable, else the part of it that no order explains."""
    states = set(model.start) if isinstance(model.start, (list, set)) else {model.start}
    for part in windows(history):
        states = final_states(part, states, model.step, limit)
        if not states:
            return part
    return None


class Register:
    """One item with a version and a counter, as conditional writes and counters see it.

    States are None, for no item, or (value, counter). Actions:

    ("get",) answers the state
    ("put", value): the counter goes; answers "ok"
    ("create", value), ("swap", old, new), ("remove", old): conditional; answer "ok" or "refused"
    ("delete",): answers "ok"
    ("set", value): keeps the counter; answers "ok"
    ("add", amount): answers the counter's new value
    """

    start = None

    @staticmethod
    def step(state, action, answer):
        outcome, following = Register.apply(state, action)
        if answer is None:
            return [state, following]
        return [following] if answer == outcome else []

    @staticmethod
    def apply(state, action):
        """(answer, next state)"""
        kind = action[0]
        value, counter = state or (None, None)
        if kind == "get":
            return state if state is not None else "none", state
        if kind == "put":
            return "ok", (action[1], None)
        if kind == "create":
            return ("ok", (action[1], None)) if state is None else ("refused", state)
        if kind == "swap":
            holds = state is not None and value == action[1]
            return ("ok", (action[2], counter)) if holds else ("refused", state)
        if kind == "remove":
            return ("ok", None) if state is not None and value == action[1] else ("refused", state)
        if kind == "delete":
            return "ok", None
        if kind == "set":
            return "ok", (action[1], counter)
        if kind == "add":
            total = (counter or 0) + action[1]
            return total, (value, total)
        raise ValueError(kind)


class Store:
    """A whole small store as one register: a tuple of the keys' states. Actions:

    ("write", ((key, register action), ...)): all or none; answers "ok" or "refused" when any part is refused
    ("read", (key, ...)): answers the keys' states
    (key, register action): a single operation
    """

    def __init__(self, keys, start=None):
        self.start = start or (None,) * keys

    @staticmethod
    def step(state, action, answer):
        kind = action[0]
        if kind == "read":
            seen = tuple(state[key] for key in action[1])
            return [state] if answer is None or answer == seen else []
        if kind == "write":
            new = list(state)
            for key, part in action[1]:
                outcome, new[key] = Register.apply(state[key], part)
                if outcome == "refused":
                    return [state] if answer in (None, "refused") else []
            return [state, tuple(new)] if answer is None else [tuple(new)] if answer == "ok" else []
        following = Register.step(state[kind], action[1], answer)
        return [state[:kind] + (each,) + state[kind + 1:] for each in following]
