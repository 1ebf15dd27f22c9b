"""Reads every example of a document with the Pydantic models, writes it again, and fails if anything was lost."""

import json
import sys

import yaml

folder, path = sys.argv[1:]
sys.path.insert(0, folder)
import models

with open(f"{folder}/models.json", encoding="utf-8") as file:
    metadata = json.load(file)["models"]
classes = {model["source_path"][2]: model["class_name"] for model in metadata if len(model["source_path"] or []) == 3}
with open(path, encoding="utf-8") as file:
    document = yaml.safe_load(file)


def contents():
    for item in [*document.get("paths", {}).values(), *document.get("webhooks", {}).values()]:
        for operation in item.values():
            for part in [operation.get("requestBody", {}), *operation["responses"].values()]:
                yield from part.get("content", {}).values()
    for response in document["components"].get("responses", {}).values():
        yield from response.get("content", {}).values()


count = 0
failures = []
for content in contents():
    name = content["schema"].get("$ref", "").rsplit("/", 1)[-1]
    if name not in classes:
        continue
    model = getattr(models, classes[name])
    schema = document["components"]["schemas"][name]
    for key, example in content.get("examples", {}).items():
        value = example["value"]
        if "items" in schema and "type" not in schema and not isinstance(value, list):
            # The document only describes the elements of lists.
            continue
        count += 1
        try:
            read = model.model_validate(value)
            written = json.loads(read.model_dump_json(by_alias=True, exclude_unset=True))
        except Exception as error:
            failures.append(f"{key}: {error}")
            continue
        if written != value:
            failures.append(f"{key}: {json.dumps(value)}\n  became {json.dumps(written)}")
print(count)
if failures or not count:
    sys.exit("\n".join(failures) or "no example was found")
