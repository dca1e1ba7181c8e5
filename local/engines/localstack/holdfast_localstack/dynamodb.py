"""DynamoDB and DynamoDB Streams of another engine, instead of a DynamoDB Local that needs Java.
Chosen by PROVIDER_OVERRIDE_DYNAMODB=external and PROVIDER_OVERRIDE_DYNAMODBSTREAMS=external."""

from collections.abc import Callable
from typing import Any

from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.plugins import Service, ServiceLifecycleHook, aws_provider

from .forwarding import forward
from .replicas import update_table
from .time_to_live import (
    ExpiryEndpoint,
    create_table,
    describe_time_to_live,
    update_time_to_live,
)


def _service(
    name: str, hook: ServiceLifecycleHook | None = None, **special: Callable[..., Any]
) -> Service:
    """Every operation that the service has is forwarded, but for the special ones."""
    model = load_service(name)
    skeleton = Skeleton(model, dict.fromkeys(model.operation_names, forward) | special)
    return Service(name, skeleton=skeleton, lifecycle_hook=hook)


@aws_provider(api="dynamodb", name="external")
def dynamodb() -> Service:
    return _service(
        "dynamodb",
        ExpiryEndpoint(),
        CreateTable=create_table,
        UpdateTable=update_table,
        UpdateTimeToLive=update_time_to_live,
        DescribeTimeToLive=describe_time_to_live,
    )


@aws_provider(api="dynamodbstreams", name="external")
def dynamodbstreams() -> Service:
    return _service("dynamodbstreams")
