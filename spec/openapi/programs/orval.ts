// Uses the client that orval generates, with `fetch`.
import {
  groupMembersList,
  groupsCreate,
  messagesSendToUsers,
  tokensCreate,
  usersCreate,
  usersGet,
} from "./client/api";
import { check, credentials, pageSize, prefer } from "./common";

async function main(): Promise<void> {
  const token = await tokensCreate({ grant_type: "client_credentials", ...credentials() });
  check(token.status === 200 && token.data.access_token !== "", "a token", token);
  const authorization = { Authorization: `Bearer ${token.data.access_token}` };

  const registered = await usersCreate(
    [
      { username: "alice", password: "s3cret" },
      { username: "bob", password: "s3cret" },
    ],
    { headers: { ...authorization, ...prefer("example=users_create_many_1") } },
  );
  check(registered.status === 200 && registered.data.entities?.length === 2, "two users", registered);

  const sent = await messagesSendToUsers(
    { from: "alice", to: ["bob"], type: "txt", body: { msg: "Hello, Bob" } },
    { headers: authorization },
  );
  check(sent.status === 200 && sent.data.data["bob"] !== undefined, "the ID of a message", sent);

  const created = await groupsCreate(
    { groupname: "Friends", owner: "alice", public: true, members: ["bob"] },
    { headers: authorization },
  );
  check(created.status === 200 && created.data.data.groupid !== "", "the ID of a group", created);

  let owners = 0;
  let others = 0;
  for (let number = 1; ; number++) {
    const page = await groupMembersList(
      created.data.data.groupid,
      { pagenum: number, pagesize: pageSize },
      { headers: { ...authorization, ...prefer(`example=group_members_list_${number}`) } },
    );
    check(page.status === 200, "a page of members", page);
    const members = page.data.data ?? [];
    owners += members.filter((member) => "owner" in member).length;
    others += members.filter((member) => "member" in member).length;
    if (members.length < pageSize) break;
  }
  check(owners === 1 && others > 0, "an owner and members", { owners, others });

  const unknown = await usersGet("nobody", { headers: { ...authorization, ...prefer("code=404") } });
  check(unknown.status === 404, "the status 404", unknown);
  check(unknown.data.error === "service_resource_not_found", "the code of the error", unknown);
}

void main();
