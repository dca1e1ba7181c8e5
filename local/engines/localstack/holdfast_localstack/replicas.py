"""UpdateTable without what CloudFormation adds of itself: for a global table it asks for a replica
in the table's own region, which DynamoDB refuses."""

import json

from localstack.aws.api import RequestContext
from localstack.http import Response

from .forwarding import Request, describe, forward, send


def update_table(context: RequestContext, request: Request) -> Response | Request:
    updates = request.get("ReplicaUpdates", [])
    others = [update for update in updates if _is_elsewhere(update, context.region)]
    if others == updates:
        return forward(context, request)
    rest = {name: value for name, value in request.items() if name != "ReplicaUpdates"}
    if others:
        rest["ReplicaUpdates"] = others
    if rest.keys() - {"TableName", "AttributeDefinitions"}:
        return send(context, "UpdateTable", json.dumps(rest).encode())
    # Nothing is left to update, and DynamoDB takes no empty update.
    reply, table = describe(context, request)
    return {"TableDescription": table} if table else reply


def _is_elsewhere(update: Request, region: str) -> bool:
    return any(replica.get("RegionName") != region for replica in update.values())
