// Uses the types that openapi-typescript generates with its default options, through openapi-fetch.
import createClient from "openapi-fetch";
import type { paths } from "./api";
import { check, checkMembers, credentials, type Member, pageSize, setting } from "./common";

async function main(): Promise<void> {
  const client = createClient<paths>({ baseUrl: setting("BASE_URL") });

  const token = await client.POST("/token", { body: { grant_type: "client_credentials", ...credentials() } });
  const accessToken = token.data?.access_token;
  check(accessToken !== undefined && accessToken !== "", "a token", token.error);
  client.use({
    onRequest: ({ request }) => {
      request.headers.set("Authorization", `Bearer ${accessToken}`);
    },
  });

  const registered = await client.POST("/users", {
    body: [
      { username: "alice", password: "s3cret" },
      { username: "bob", password: "s3cret" },
    ],
  });
  const names = registered.data?.entities?.map((user) => user.username).join();
  check(names === "alice,bob", "two users", registered.error ?? names);

  const sent = await client.POST("/messages/users", {
    body: { from: "alice", to: ["bob"], type: "txt", body: { msg: "Hello, Bob" } },
  });
  check(Object.keys(sent.data?.data ?? {}).join() === "bob", "the ID of a message to bob", sent.error ?? sent.data);

  const created = await client.POST("/chatgroups", {
    body: { groupname: "Friends", owner: "alice", public: true, members: ["bob"] },
  });
  const groupId = created.data?.data.groupid;
  check(groupId !== undefined, "the ID of a group", created.error);

  const members: Member[] = [];
  for (let number = 1; ; number++) {
    const page = await client.GET("/chatgroups/{group_id}/users", {
      params: { path: { group_id: groupId }, query: { pagenum: number, pagesize: pageSize } },
    });
    check(page.data !== undefined, "a page of members", page.error);
    members.push(...(page.data.data ?? []));
    if (members.length < number * pageSize) break;
  }
  checkMembers(members);

  const unknown = await client.GET("/users/{username}", {
    params: { path: { username: "nobody" } },
  });
  check(unknown.response.status === 404, "the status 404", unknown.response.status);
  check(unknown.error?.error === "service_resource_not_found", "the code of the error", unknown.error);
}

void main();
