"""Uses the client that openapi-python-client generates."""

import os

from client import AuthenticatedClient, Client
from client.api.group_members import group_members_list
from client.api.groups import groups_create
from client.api.messages_and_files import messages_send_to_users
from client.api.tokens import tokens_create
from client.api.user_accounts import users_create, users_get
from client.models import (
    GroupsCreateRequest,
    MemberOwner,
    MessageContentTextType,
    MessagesSendToUsersRequestText,
    TextBody,
    TokensCreateAppTokenRequest,
    TokensCreateAppTokenRequestGrantType,
    UserNew,
)

PAGE_SIZE = 2
BASE_URL = os.environ["BASE_URL"]


def main():
    credentials = TokensCreateAppTokenRequest(
        grant_type=TokensCreateAppTokenRequestGrantType.CLIENT_CREDENTIALS,
        client_id=os.environ["CLIENT_ID"],
        client_secret=os.environ["CLIENT_SECRET"],
    )
    token = tokens_create.sync(client=Client(BASE_URL), body=credentials).access_token
    check(token, "a token")

    def api(prefer=""):
        # The header chooses the response of a mock server. Other servers ignore it.
        return AuthenticatedClient(BASE_URL, token=token, headers={"Prefer": prefer} if prefer else {})

    accounts = [UserNew(username=name, password="s3cret") for name in ("alice", "bob")]
    registered = users_create.sync(client=api("example=users_create_many_1"), body=accounts)
    check(len(registered.entities) == 2 and registered.entities[0].username, f"two users: {registered}")

    message = MessagesSendToUsersRequestText(
        from_="alice", to=["bob"], type_=MessageContentTextType.TXT, body=TextBody(msg="Hello, Bob")
    )
    sent = messages_send_to_users.sync(client=api(), body=message)
    check("bob" in sent.data, f"the ID of a message: {sent}")

    group = GroupsCreateRequest(groupname="Friends", owner="alice", public=True, members=["bob"])
    group_id = groups_create.sync(client=api(), body=group).data.groupid
    check(group_id, "the ID of a group")

    members = []
    number = 1
    while True:
        client = api(f"example=group_members_list_{number}")
        page = group_members_list.sync(group_id, client=client, pagenum=number, pagesize=PAGE_SIZE)
        members += page.data
        if len(page.data) < PAGE_SIZE:
            break
        number += 1
    owners = [member for member in members if isinstance(member, MemberOwner)]
    check(len(owners) == 1 and len(members) > 1, f"an owner and members: {members}")

    unknown = users_get.sync_detailed("nobody", client=api("code=404"))
    check(unknown.status_code == 404, f"the status 404: {unknown}")
    check(unknown.parsed.error == "service_resource_not_found", f"the code of the error: {unknown}")


def check(condition, expected):
    if not condition:
        raise SystemExit(f"expected {expected}")


main()
