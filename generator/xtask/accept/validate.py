"""Validates a document and prints the IDs of all validated operations."""

import sys

from openapi_spec_validator.readers import read_from_filename
from openapi_spec_validator.shortcuts import get_validator_cls

document, url = read_from_filename(sys.argv[1])
validator = get_validator_cls(document)(document, base_uri=url)
messages = list(validator.iter_errors())
# The validator itself skips webhooks.
if "webhooks" in validator.schema_path:
    messages += validator.keyword_validators_registry["paths"](validator.schema_path / "webhooks")
errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in messages]
if errors:
    sys.exit("\n".join(errors))
print(*validator.keyword_validators_registry["operation"].operation_ids_registry, sep="\n")
