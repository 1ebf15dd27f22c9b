"""Hooks of Schemathesis: restore the example data, and accept failures that are right."""

import os
import re

import requests
import schemathesis
from schemathesis.checks import ServerError
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.generation.meta import StatefulPhaseData
from schemathesis.openapi.checks import JsonSchemaError, RejectedPositiveData, UnsupportedMethodResponse, UseAfterFree

UPDATES = ("/chatgroups/{group_id}", "/chatrooms/{chatroom_id}")
# Descriptions of errors about the state, or about fields that depend on each other.
STATE = [
    "does not exist",
    "exists already",
    "there is no ",
    "is not a (member|contact|message)",
    "is not on the block list",
    "cannot be chosen",
    "was not sent to this receiver",
    "cannot become a message of this type",
    "has no reaction",
    "groupId is missing",
    "is only for the whole app",
    "is not in the chat of message",
    "there is a (label|template) named",
    "is not a time from 1 hour to 30 days from now",
    "is not from 0 to 7 days",
    "is banned",
    "is the owner",
    "is not in the group",
    "the key .* is too long",
    "has added this emoji before",
    "users cannot subscribe to themselves",
]
STATE_URL = os.environ["HOST"] + "/_sandbox/state"
session = requests.Session()
initial_state = None


@schemathesis.hook
def after_call(context, case, response):
    """Saves the example data once there is a token, and restores it after each change, except in sequences of calls."""
    global initial_state
    in_sequence = case.meta is not None and isinstance(case.meta.phase.data, StatefulPhaseData)
    is_success = response.status_code < 400
    if initial_state is None and is_success and "Authorization" in response.request.headers:
        initial_state = session.get(STATE_URL).content
    elif initial_state is not None and is_success and case.method != "GET" and not in_sequence:
        session.put(STATE_URL, data=initial_state).raise_for_status()


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops the failures that are right."""
    return not any(is_right(failure, case, response) for is_right in RIGHT)


def unsupported_method(failure, case, response):
    """The vendor documents the status 500 for a path that exists without this method."""
    is_method = isinstance(failure, (ServerError, UnsupportedMethodResponse))
    return is_method and error(response) == (500, "unsupported_service_operation")


def large_page(failure, case, response):
    """The vendor reduces page sizes above the maximum, except those of threads and of contacts with remarks, which are errors."""
    names = {"limit", "pagesize", "pageSize"} & set(case.query or {})
    is_large = any(re.fullmatch("[0-9]{2,}", str(case.query[name])) for name in names)
    is_reduced = not case.path.startswith(("/thread", "/user/{owner_username}/contacts"))
    return isinstance(failure, AcceptedNegativeData) and is_large and is_reduced


def state(failure, case, response):
    """A schema cannot say who exists or what depends on another field. The vendor documents the status 400 for some of these errors."""
    is_state = any(re.search(reason, description(response)) for reason in STATE)
    return isinstance(failure, RejectedPositiveData) and response.status_code == 400 and is_state


def unknown_value(failure, case, response):
    """The service rejects values that are not documented. The schema of an enum allows any value, for those that the vendor will add."""
    is_unknown = "is not one of the known values" in description(response)
    return isinstance(failure, RejectedPositiveData) and response.status_code == 400 and is_unknown


def unknown_field(failure, case, response):
    """The vendor documents an error for unknown fields. The schema allows them, for fields that the vendor will add."""
    is_update = case.method == "PUT" and case.path in UPDATES
    return isinstance(failure, RejectedPositiveData) and is_update and "not a field of this operation" in response.text


def empty_update(failure, case, response):
    """An update without fields is an error. It is not documented, so the schema does not require a field."""
    is_update = case.method == "PUT" and case.path in UPDATES
    return isinstance(failure, RejectedPositiveData) and is_update and "no field to change" in response.text


def field_of_another_operation(failure, case, response):
    """This path changes three settings. The schema of each allows any values for the fields of the others."""
    is_update = (case.method, case.path) == ("PUT", "/users/{username}")
    fields = "^(nickname|notification_[a-z_]+) "
    return isinstance(failure, RejectedPositiveData) and is_update and re.match(fields, description(response))


def users_as_sent(failure, case, response):
    """The list of users who do not exist contains the names as they were sent, even if no user can have such a name."""
    is_import = case.path == "/users/{username}/contacts/import"
    return isinstance(failure, JsonSchemaError) and is_import and response.json()["data"]["NotExistFailed"] != []


def path_of_another_operation(failure, case, response):
    """These paths are also one of `presence/{resource}`, and of `/chatrooms/{chatroom_id}`, which have the method."""
    paths = [
        ("POST", "/users/{username}/presence/sublist"),
        ("PUT", "/chatrooms/super_admin"),
        ("DELETE", "/chatrooms/super_admin"),
    ]
    return isinstance(failure, UnsupportedMethodResponse) and (case.method, case.path) in paths


def field_of_another_grant(failure, case, response):
    """The 3.0 document describes the three kinds of grants as one object. The fields of the other kinds are ignored."""
    if not isinstance(failure, AcceptedNegativeData) or case.path != "/token":
        return False
    own = {"client_credentials": "client_id client_secret ttl", "password": "username password ttl"}
    field = re.search("in body - ([a-zA-Z_]+):", failure.message)
    return field is not None and field[1] not in own.get(case.body["grant_type"], "username autoCreateUser ttl").split()


def body_of_any_type(failure, case, response):
    """The 3.0 document cannot describe a body that is an object or an array, so it allows any value."""
    is_registration = (case.method, case.path) == ("POST", "/users")
    is_shapeless = re.match("the body must (be|not be empty)|username is missing", description(response))
    return isinstance(failure, RejectedPositiveData) and is_registration and is_shapeless


def deleted_attributes(failure, case, response):
    """A user without attributes has an empty set of them, as documented."""
    is_read = (case.method, case.path) == ("GET", "/metadata/user/{username}")
    return isinstance(failure, UseAfterFree) and is_read and response.json()["data"] == {}


def unreadable_part(failure, case, response):
    """The header of a part of a form cannot contain control characters, which a schema cannot say."""
    is_form = isinstance(case.body, dict) and case.media_type == "multipart/form-data"
    return isinstance(failure, RejectedPositiveData) and is_form and error(response) == (400, "json_parse")


def malformed_url(failure, case, response):
    """Stored webhooks are only sent to a URL. The vendor documents no form of it, so the schema allows any text."""
    return isinstance(failure, RejectedPositiveData) and description(response).endswith("is not a URL")


RIGHT = [
    unsupported_method,
    large_page,
    state,
    users_as_sent,
    path_of_another_operation,
    unknown_value,
    unknown_field,
    empty_update,
    field_of_another_operation,
    field_of_another_grant,
    body_of_any_type,
    deleted_attributes,
    unreadable_part,
    malformed_url,
]


def error(response):
    """Returns the status and the code of an error response."""
    return response.status_code, response.json().get("error")


def description(response):
    return response.json().get("error_description", "")
