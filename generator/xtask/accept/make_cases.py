"""Loads a document, generates a test case for each operation, and prints the routes of the operations."""

import sys

import hypothesis
import schemathesis


def make_case(operation):
    # Deterministic: generates the same case every time.
    @hypothesis.settings(max_examples=1, derandomize=True, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(operation.as_strategy())
    def make(case):
        case.as_transport_kwargs(base_url="http://localhost")

    make()


for result in schemathesis.openapi.from_path(sys.argv[1]).get_all_operations():
    operation = result.ok()  # Raises an exception if the operation is invalid.
    route = f"{operation.method.upper()} {operation.path}"
    try:
        make_case(operation)
    except Exception as error:
        sys.exit(f"{route}: {error}")
    print(route)
