"""Loads a document, makes a case for each operation, and prints the operation."""

import sys
import warnings

import schemathesis
from hypothesis.errors import NonInteractiveExampleWarning

warnings.simplefilter("ignore", NonInteractiveExampleWarning)
for result in schemathesis.openapi.from_path(sys.argv[1]).get_all_operations():
    operation = result.ok()  # Raises what is wrong with the operation.
    case = operation.as_strategy().example()
    case.as_transport_kwargs(base_url="http://localhost")
    print(operation.method.upper(), operation.path)
