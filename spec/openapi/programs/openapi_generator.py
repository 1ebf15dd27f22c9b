"""Uses the Python client that openapi-generator generates."""

import os

import client
from client.models import (
    GroupsCreateRequest,
    MessagesSendToUsersRequest,
    MessagesSendToUsersRequestText,
    TextBody,
    TokensCreateRequest,
    UserNew,
)

PAGE_SIZE = 2


def main():
    api = client.ApiClient(client.Configuration(host=os.environ["BASE_URL"]))
    credentials = TokensCreateRequest(
        grant_type="client_credentials",
        client_id=os.environ["CLIENT_ID"],
        client_secret=os.environ["CLIENT_SECRET"],
    )
    token = client.TokensApi(api).tokens_create(credentials).access_token
    check(token, "a token")
    api = client.ApiClient(client.Configuration(host=os.environ["BASE_URL"], access_token=token))

    users = client.UserAccountsApi(api)
    accounts = [UserNew(username=name, password="s3cret") for name in ("alice", "bob")]
    registered = users.users_create(accounts, _headers=prefer("example=users_create_many_1"))
    check(len(registered.entities) == 2 and registered.entities[0].username, f"two users: {registered}")

    text = MessagesSendToUsersRequestText(var_from="alice", to=["bob"], type="txt", body=TextBody(msg="Hello, Bob"))
    sent = client.MessagesAndFilesApi(api).messages_send_to_users(MessagesSendToUsersRequest(text))
    check("bob" in sent.data, f"the ID of a message: {sent}")

    group = GroupsCreateRequest(groupname="Friends", owner="alice", public=True, members=["bob"])
    group_id = client.GroupsApi(api).groups_create(group).data.groupid
    check(group_id, "the ID of a group")

    members = []
    number = 1
    while True:
        page = client.GroupMembersApi(api).group_members_list(
            group_id,
            pagenum=number,
            pagesize=PAGE_SIZE,
            _headers=prefer(f"example=group_members_list_{number}"),
        )
        members += page.data
        if len(page.data) < PAGE_SIZE:
            break
        number += 1
    owners = [member for member in members if member.owner]
    check(len(owners) == 1 and len(members) > 1, f"an owner and members: {members}")

    try:
        users.users_get("nobody", _headers=prefer("code=404"))
        check(False, "an error")
    except client.ApiException as error:
        check(error.status == 404, f"the status 404: {error}")
        check(error.data.error == "service_resource_not_found", f"the code of the error: {error}")


def prefer(what):
    """Chooses the response of a mock server. Other servers ignore the header."""
    return {"Prefer": what}


def check(condition, expected):
    if not condition:
        raise SystemExit(f"expected {expected}")


main()
