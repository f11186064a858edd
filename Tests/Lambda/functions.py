"""What tests of the control plane share: functions without code worth running, and what refuses them."""

import base64
import hashlib

from . import bootstraps
from .conftest import ROLE

REGION, ACCOUNT = "us-east-1", "000000000000"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
LAYER_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:"
ZIP = bootstraps.code_zip(bootstraps.python())
REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve "
    "the latest Revision Id")
MISSING = "The resource you requested does not exist."


def digest(code):
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


def arguments(name, **changes):
    """The parameters of CreateFunction; a change to None leaves one out."""
    given = {
        "FunctionName": name, "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": ROLE,
        "Code": {"ZipFile": ZIP}, **changes}
    return {key: value for key, value in given.items() if value is not None}


def answering(text):
    """The zip of a function that answers with a text."""
    return bootstraps.code_zip(bootstraps.python(f"serve(lambda event, headers: {text!r})"))
