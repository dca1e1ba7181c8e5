"""TTL, kept on this side: the engine behind deletes expired items without a stream record, where
LocalStack's `DELETE /_aws/dynamodb/expired` leaves a REMOVE."""

from typing import Any

from localstack.aws.api import RequestContext
from localstack.http import Response
from localstack.services.dynamodb.models import dynamodb_stores
from localstack.services.dynamodb.v2.provider import DynamoDBDeveloperEndpoints
from localstack.services.edge import ROUTER
from localstack.services.plugins import ServiceLifecycleHook

from .forwarding import Request, describe, forward


def _specifications(context: RequestContext) -> dict[str, Any]:
    return dynamodb_stores[context.account_id][context.region].ttl_specifications


def update_time_to_live(context: RequestContext, request: Request) -> Response | Request:
    reply, table = describe(context, request)
    if not table:
        return reply
    specification = request["TimeToLiveSpecification"]
    _specifications(context)[table["TableName"]] = specification
    return {"TimeToLiveSpecification": specification}


def describe_time_to_live(context: RequestContext, request: Request) -> Response | Request:
    reply, table = describe(context, request)
    if not table:
        return reply
    specification = _specifications(context).get(table["TableName"], {})
    if not specification.get("Enabled"):
        return {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
    attribute = specification["AttributeName"]
    return {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}}


def create_table(context: RequestContext, request: Request) -> Response:
    """A new table has nothing of a deleted one of the same name."""
    reply = forward(context, request)
    if reply.status_code == 200:
        _specifications(context).pop(request["TableName"], None)
    return reply


class ExpiryEndpoint(ServiceLifecycleHook):
    def on_before_start(self) -> None:
        ROUTER.add(DynamoDBDeveloperEndpoints())
