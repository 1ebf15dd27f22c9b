// Shared by the programs in TypeScript.

export const pageSize = 2;

export function setting(name: string): string {
  const value = process.env[name];
  check(value !== undefined, `the variable ${name}`, process.env);
  return value;
}

export function credentials(): { client_id: string; client_secret: string } {
  return { client_id: setting("CLIENT_ID"), client_secret: setting("CLIENT_SECRET") };
}

/** Chooses the response of a mock server. Other servers ignore the header. */
export function prefer(what: string): { Prefer: string } {
  return { Prefer: what };
}

export function check(condition: boolean, expected: string, found: unknown): asserts condition {
  if (!condition) {
    throw new Error(`expected ${expected}: ${JSON.stringify(found)}`);
  }
}
