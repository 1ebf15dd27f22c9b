// Uses the types that openapi-typescript generates with its default options, through openapi-fetch.
import createClient from "openapi-fetch";
import type { paths } from "./api";
import { check, credentials, pageSize, prefer, setting } from "./common";

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
    headers: prefer("example=users_create_many_1"),
  });
  check(registered.data?.entities?.length === 2, "two users", registered.error);

  const sent = await client.POST("/messages/users", {
    body: { from: "alice", to: ["bob"], type: "txt", body: { msg: "Hello, Bob" } },
  });
  check(sent.data?.data["bob"] !== undefined, "the ID of a message", sent.error);

  const created = await client.POST("/chatgroups", {
    body: { groupname: "Friends", owner: "alice", public: true, members: ["bob"] },
  });
  const groupId = created.data?.data.groupid;
  check(groupId !== undefined, "the ID of a group", created.error);

  let owners = 0;
  let others = 0;
  for (let number = 1; ; number++) {
    const page = await client.GET("/chatgroups/{group_id}/users", {
      params: { path: { group_id: groupId }, query: { pagenum: number, pagesize: pageSize } },
      headers: prefer(`example=group_members_list_${number}`),
    });
    check(page.data !== undefined, "a page of members", page.error);
    const members = page.data.data ?? [];
    owners += members.filter((member) => "owner" in member).length;
    others += members.filter((member) => "member" in member).length;
    if (members.length < pageSize) break;
  }
  check(owners === 1 && others > 0, "an owner and members", { owners, others });

  const unknown = await client.GET("/users/{username}", {
    params: { path: { username: "nobody" } },
    headers: prefer("code=404"),
  });
  check(unknown.response.status === 404, "the status 404", unknown.response.status);
  check(unknown.error?.error === "service_resource_not_found", "the code of the error", unknown.error);
}

void main();
