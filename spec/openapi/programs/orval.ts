// Uses the client that orval generates, with `fetch`.
import {
  groupMembersList,
  groupsCreate,
  messagesSendToUsers,
  tokensCreate,
  usersCreate,
  usersGet,
} from "./client/api";
import { check, checkMembers, credentials, type Member, pageSize } from "./common";

async function main(): Promise<void> {
  const token = await tokensCreate({ grant_type: "client_credentials", ...credentials() });
  check(token.status === 200 && token.data.access_token !== "", "a token", token);
  const authorization = { Authorization: `Bearer ${token.data.access_token}` };

  const registered = await usersCreate(
    [
      { username: "alice", password: "s3cret" },
      { username: "bob", password: "s3cret" },
    ],
    { headers: authorization },
  );
  check(registered.status === 200, "two users", registered);
  const names = registered.data.entities?.map((user) => user.username).join();
  check(names === "alice,bob", "two users", names);

  const sent = await messagesSendToUsers(
    { from: "alice", to: ["bob"], type: "txt", body: { msg: "Hello, Bob" } },
    { headers: authorization },
  );
  check(sent.status === 200 && Object.keys(sent.data.data).join() === "bob", "the ID of a message to bob", sent);

  const created = await groupsCreate(
    { groupname: "Friends", owner: "alice", public: true, members: ["bob"] },
    { headers: authorization },
  );
  check(created.status === 200 && created.data.data.groupid !== "", "the ID of a group", created);

  const members: Member[] = [];
  for (let number = 1; ; number++) {
    const page = await groupMembersList(
      created.data.data.groupid,
      { pagenum: number, pagesize: pageSize },
      { headers: authorization },
    );
    check(page.status === 200, "a page of members", page);
    members.push(...(page.data.data ?? []));
    if (members.length < number * pageSize) break;
  }
  checkMembers(members);

  const unknown = await usersGet("nobody", { headers: authorization });
  check(unknown.status === 404, "the status 404", unknown);
  check(unknown.data.error === "service_resource_not_found", "the code of the error", unknown);
}

void main();
