"""Imports all modules of a package, resolves its Pydantic models, and prints the full names of all functions and methods."""

import importlib
import inspect
import pkgutil
import sys

folder, name = sys.argv[1:]
sys.path.insert(0, folder)


def fail(module):
    raise


def modules(package):
    yield package
    for found in pkgutil.walk_packages(getattr(package, "__path__", []), package.__name__ + ".", onerror=fail):
        yield importlib.import_module(found.name)


def functions(module):
    for _, value in inspect.getmembers(module, lambda value: getattr(value, "__module__", None) == module.__name__):
        if inspect.isfunction(value):
            yield value
        elif inspect.isclass(value):
            if hasattr(value, "model_rebuild"):
                value.model_rebuild(force=True)
            yield from (member for _, member in inspect.getmembers(value, inspect.isfunction))


for module in modules(importlib.import_module(name)):
    for function in functions(module):
        print(f"{function.__module__}.{function.__qualname__}")
