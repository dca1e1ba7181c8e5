"""LocalStack on the host, without Docker.

Three things that LocalStack leaves open to plug-ins: functions run as Node processes
(`executor`), the gateway listens where it is told to (`server`), and DynamoDB with its streams is
another engine's (`dynamodb`). entry_points.txt, beside this package, names them to LocalStack.
"""
