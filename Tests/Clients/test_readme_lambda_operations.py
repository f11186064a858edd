"""README's table of Lambda operations is what the emulator does; every other operation that AWS has is refused by its
name."""

import os
import re

import botocore
import botocore.session
from botocore.exceptions import ClientError
from running import ROOT

from .test_readme_s3_operations import smallest

MODEL = botocore.session.get_session().get_service_model("lambda")

# Not in the table, for nobody asks for them: what tools read and set on their way, without effect.
ON_THE_WAY = {
    "GetFunctionCodeSigningConfig", "DeleteFunctionCodeSigningConfig", "GetFunctionRecursionConfig",
    "PutFunctionRecursionConfig", "GetRuntimeManagementConfig", "PutRuntimeManagementConfig", "GetCodeSigningConfig",
    "ListCodeSigningConfigs"}


def named():
    with open(os.path.join(ROOT, "README.md")) as file:
        section = file.read().split("\n## Lambda\n")[1].split("\nKnown differences")[0]
    table = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| ")]
    return [name for cells in table for name in re.findall(r"`([A-Za-z0-9]+)`", cells[1])]


def ask(client, operation):
    """The error's code and message, or None and nothing."""
    model = MODEL.operation_model(operation)
    given = {}
    for name in model.input_shape.required_members if model.input_shape else []:
        value = smallest(model.input_shape.members[name])
        given[name] = "readme" if isinstance(value, str) and not value.strip("x") else value
    try:
        getattr(client, botocore.xform_name(operation))(**given)
        return None, ""
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"].get("Message", "")


def test_each_operation_is_named_once_and_exists():
    assert len(named()) == len(set(named())), "named twice"
    assert set(named()) <= set(MODEL.operation_names)


def test_the_table_tells_the_truth(emulator):
    client = emulator.client("lambda", parameter_validation=False)
    served = set(named()) | ON_THE_WAY
    wrong = []
    for operation in MODEL.operation_names:
        code, said = ask(client, operation)
        is_refused = code == "UnsupportedOperationException" and operation in said
        if is_refused == (operation in served) or code in ("InternalError", "ServiceException"):
            wrong.append(f"{operation}: {code} {said}")
    assert not wrong, "\n".join(wrong)
