"""Requests of DynamoDB and its streams, handed on as they came to the engine that answers for them.

Those that CloudFormation and event source mappings make inside LocalStack come this way too. ARNs
need no translation: a request's account and region travel in its credential scope.
"""

import json
import os
from functools import cache
from typing import Any

import urllib3
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.http import Response

from .settings import read_settings

type Request = dict[str, Any]

_TIMEOUT_S = 60
_CONNECTIONS = 64
_HEADERS_KEPT = ("content-type", "x-amzn-requestid", "x-amz-crc32")
"""The others speak of the connection to the other engine, or are its own opinion of CORS."""


@cache
def _engine() -> urllib3.HTTPConnectionPool:
    url = read_settings(os.environ).dynamodb_url
    return urllib3.connection_from_url(url, maxsize=_CONNECTIONS)


def send(context: RequestContext, operation: str, body: bytes) -> Response:
    """Raises InternalServerError when there is no answer: clients try that again."""
    # The other engine reads the account and the region, and checks no signature.
    scope = f"{context.account_id}/20200101/{context.region}/dynamodb/aws4_request"
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"{context.service.metadata['targetPrefix']}.{operation}",
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
    }
    try:
        # Not tried again here: the write may have happened, and only the client knows what to do.
        reply = _engine().urlopen(
            "POST", "/", body=body, headers=headers, retries=False, timeout=_TIMEOUT_S
        )
    except urllib3.exceptions.HTTPError as error:
        message = f"the engine behind {operation} does not answer: {error}"
        raise CommonServiceException("InternalServerError", message, status_code=500) from error
    kept = [(name, value) for name, value in reply.headers.items() if name.lower() in _HEADERS_KEPT]
    return Response(reply.data, reply.status, headers=kept)


def forward(context: RequestContext, request: Request) -> Response:
    return send(context, context.operation.name, context.request.get_data())


def describe(context: RequestContext, request: Request) -> tuple[Response, Request]:
    """The answer, and the table that it describes: an empty one when there is none."""
    reply = send(context, "DescribeTable", json.dumps({"TableName": request["TableName"]}).encode())
    return reply, json.loads(reply.data).get("Table", {})
