"""Uses the Python client that openapi-generator generates."""

import os

import client
from client import (
    GroupsCreateRequest,
    Member,
    MessagesSendToUsersRequest,
    MessagesSendToUsersRequestText,
    TextBody,
    TokensCreateRequest,
    UserNew,
)

# So small that the members of the group fill several pages.
PAGE_SIZE = 1


def main() -> None:
    api = client.ApiClient(client.Configuration(host=os.environ["BASE_URL"]))
    credentials = TokensCreateRequest(
        grant_type="client_credentials",
        client_id=os.environ["CLIENT_ID"],
        client_secret=os.environ["CLIENT_SECRET"],
    )
    token = client.TokensApi(api).tokens_create(credentials).access_token
    assert token
    api = client.ApiClient(client.Configuration(host=os.environ["BASE_URL"], access_token=token))

    users = client.UserAccountsApi(api)
    registered = users.users_create([UserNew(username=name, password="s3cret") for name in ("alice", "bob")])
    assert [user.username for user in registered.entities or []] == ["alice", "bob"], registered

    text = MessagesSendToUsersRequestText(var_from="alice", to=["bob"], type="txt", body=TextBody(msg="Hello, Bob"))
    sent = client.MessagesAndFilesApi(api).messages_send_to_users(MessagesSendToUsersRequest(text))
    assert list(sent.data) == ["bob"] and sent.data["bob"], sent

    group = GroupsCreateRequest(groupname="Friends", owner="alice", public=True, members=["bob"])
    group_id = client.GroupsApi(api).groups_create(group).data.groupid
    members = list_members(client.GroupMembersApi(api), group_id)
    assert [member.owner for member in members if member.owner] == ["alice"], members
    assert [member.member for member in members if member.member] == ["bob"], members

    try:
        users.users_get("nobody")
    except client.ApiException as error:
        assert error.status == 404, error
        assert error.data and error.data.error == "service_resource_not_found", error
    else:
        raise AssertionError("expected an error")


def list_members(api: client.GroupMembersApi, group_id: str) -> list[Member]:
    members: list[Member] = []
    while True:
        number = len(members) // PAGE_SIZE + 1
        page = api.group_members_list(group_id, pagenum=number, pagesize=PAGE_SIZE).data or []
        members += page
        if len(page) < PAGE_SIZE:
            return members


main()
