"""Validates a document and prints the IDs of all validated operations."""

import sys

from openapi_spec_validator.readers import read_from_filename
from openapi_spec_validator.shortcuts import get_validator_cls

document, url = read_from_filename(sys.argv[1])
validator = get_validator_cls(document)(document, base_uri=url)
errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors()]
if errors:
    sys.exit("\n".join(errors))
print(*validator.keyword_validators_registry["operation"].operation_ids_registry, sep="\n")
