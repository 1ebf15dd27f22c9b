"""Uses the client that openapi-python-client generates."""

import os

from client import AuthenticatedClient, Client
from client.api.group_members import group_members_list
from client.api.groups import groups_create
from client.api.messages_and_files import messages_send_to_users
from client.api.tokens import tokens_create
from client.api.user_accounts import users_create, users_get
from client.models import (
    ErrorResponse,
    GroupMembersListResponse,
    GroupsCreateRequest,
    GroupsCreateResponse,
    MemberMember,
    MemberOwner,
    MessageContentTextType,
    MessagesSendToUsersRequestText,
    MessagesSendToUsersResponse,
    TextBody,
    Token,
    TokensCreateAppTokenRequest,
    TokensCreateAppTokenRequestGrantType,
    UserNew,
    UsersCreateManyResponse,
    UsersCreateOneResponse,
)

BASE_URL = os.environ["BASE_URL"]
# So small that the members of the group fill several pages.
PAGE_SIZE = 1


def main() -> None:
    credentials = TokensCreateAppTokenRequest(
        grant_type=TokensCreateAppTokenRequestGrantType.CLIENT_CREDENTIALS,
        client_id=os.environ["CLIENT_ID"],
        client_secret=os.environ["CLIENT_SECRET"],
    )
    # The generated client declares optional authentication as required.
    token = tokens_create.sync(client=Client(BASE_URL), body=credentials)  # type: ignore[arg-type]
    assert isinstance(token, Token) and token.access_token, token
    api = AuthenticatedClient(BASE_URL, token=token.access_token)

    accounts = [UserNew(username=name, password="s3cret") for name in ("alice", "bob")]
    registered = users_create.sync(client=api, body=accounts)
    assert isinstance(registered, (UsersCreateOneResponse, UsersCreateManyResponse)), registered
    assert [user.username for user in registered.entities or []] == ["alice", "bob"], registered

    message = MessagesSendToUsersRequestText(
        from_="alice", to=["bob"], type_=MessageContentTextType.TXT, body=TextBody(msg="Hello, Bob")
    )
    sent = messages_send_to_users.sync(client=api, body=message)
    assert isinstance(sent, MessagesSendToUsersResponse), sent
    assert list(sent.data.additional_properties) == ["bob"] and sent.data["bob"], sent

    group = GroupsCreateRequest(groupname="Friends", owner="alice", public=True, members=["bob"])
    created = groups_create.sync(client=api, body=group)
    assert isinstance(created, GroupsCreateResponse), created
    members = list_members(api, created.data.groupid)
    assert [member.owner for member in members if isinstance(member, MemberOwner)] == ["alice"], members
    assert [member.member for member in members if isinstance(member, MemberMember)] == ["bob"], members

    unknown = users_get.sync_detailed("nobody", client=api)
    assert unknown.status_code == 404, unknown
    assert isinstance(unknown.parsed, ErrorResponse), unknown
    assert unknown.parsed.error == "service_resource_not_found", unknown


def list_members(api: AuthenticatedClient, group_id: str) -> list[MemberMember | MemberOwner]:
    members: list[MemberMember | MemberOwner] = []
    while True:
        number = len(members) // PAGE_SIZE + 1
        page = group_members_list.sync(group_id, client=api, pagenum=number, pagesize=PAGE_SIZE)
        assert isinstance(page, GroupMembersListResponse), page
        members += page.data or []
        if len(page.data or []) < PAGE_SIZE:
            return members


main()
