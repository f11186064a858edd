"""The two functions behind most routes of these tests."""

# Answers what the request's header `tell` says, or else with its event. The header is base 64 of a JSON object:
#   answer  this value, as JSON          raw     this text, which need not be JSON
#   error   fails with this message      sleep   so many seconds before anything else
#   size    a body of so many bytes      exit    ends the process
FOLLOWING = """
import base64, time
runtime = Runtime()
def instruction(event):
    fields = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return json.loads(base64.b64decode(fields["tell"])) if "tell" in fields else None
def follow(tell, request_id, otherwise):
    time.sleep(tell.get("sleep", 0))
    if "exit" in tell:
        os._exit(tell["exit"])
    if "error" in tell:
        runtime.fail(request_id, {"errorMessage": tell["error"], "errorType": "Error"})
    elif "raw" in tell:
        runtime.respond(request_id, tell["raw"].encode())
    elif "size" in tell:
        runtime.respond(request_id, {"statusCode": 200, "body": "x" * tell["size"]})
    else:
        runtime.respond(request_id, tell.get("answer", otherwise))
"""

TOLD = FOLLOWING + """
count = 0
while True:
    invocation = runtime.next()
    event, count = invocation.json, count + 1
    follow(instruction(event) or {}, invocation.request_id, {
        "statusCode": 200, "headers": {"content-type": "application/json", "x-call": str(count)},
        "body": json.dumps(event)})
"""

# A Lambda authorizer that is told by the header `judge` as above. Beside: `allow` and `deny` are lists of resources
# for a policy (ARNs, or `self` for the one that was asked for), `simple` is true or false, `context` goes with either.
# Its context always has `count`, the number of this call, and `event`, what it was called with, as text.
JUDGE = """
import base64, time
runtime = Runtime()
count = 0
def statement(effect, resources, arn):
    named = [arn if one == "self" else one for one in resources]
    return {"Action": "execute-api:Invoke", "Effect": effect, "Resource": named}
while True:
    invocation = runtime.next()
    event, count = invocation.json, count + 1
    fields = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    text = fields.get("judge") or event.get("authorizationToken")
    judge = json.loads(base64.b64decode(text)) if text else {"simple": True}
    time.sleep(judge.get("sleep", 0))
    arn = event.get("routeArn") or event.get("methodArn")
    context = {"count": count, "event": json.dumps(event), **judge.get("context", {})}
    if "error" in judge:
        runtime.fail(invocation.request_id, {"errorMessage": judge["error"], "errorType": "Error"})
    elif "raw" in judge:
        runtime.respond(invocation.request_id, judge["raw"].encode())
    elif "answer" in judge:
        runtime.respond(invocation.request_id, judge["answer"])
    elif "simple" in judge:
        runtime.respond(invocation.request_id, {"isAuthorized": judge["simple"], "context": context})
    else:
        statements = [
            statement(effect, judge[key], arn) for effect, key in (("Allow", "allow"), ("Deny", "deny")) if key in judge]
        runtime.respond(invocation.request_id, {
            "principalId": judge.get("principal", "me"),
            "policyDocument": {"Version": "2012-10-17", "Statement": statements}, "context": context,
            **judge.get("more", {})})
"""
