// Shared by the programs in TypeScript.

/** So small that the members of the group fill several pages. */
export const pageSize = 1;

export function setting(name: string): string {
  const value = process.env[name];
  check(value !== undefined, `the variable ${name}`, process.env);
  return value;
}

export function credentials(): { client_id: string; client_secret: string } {
  return { client_id: setting("CLIENT_ID"), client_secret: setting("CLIENT_SECRET") };
}

/** Members of a group in the form of the API: `{ owner: .. }` or `{ member: .. }`. */
export type Member = { owner?: string; member?: string };

/** Checks that the pages contained the owner and the member of the group, each once. */
export function checkMembers(members: Member[]): void {
  const names = (key: keyof Member) => members.flatMap((member) => member[key] ?? []).join();
  check(names("owner") === "alice" && names("member") === "bob", "alice as the owner and bob as a member", members);
}

export function check(condition: boolean, expected: string, found: unknown): asserts condition {
  if (!condition) {
    throw new Error(`expected ${expected}: ${JSON.stringify(found)}`);
  }
}
