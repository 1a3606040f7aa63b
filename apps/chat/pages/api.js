// The HTTP interface of accounts.

/** The server's answer to a request it refused. */
export class Refused extends Error {
  constructor(status, errors) {
    super(`refused with status ${status}`);
    this.status = status;
    this.errors = errors;
  }
}

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    signal: AbortSignal.timeout(10_000),
    headers: body && { "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const data = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Refused(response.status, data);
  return data;
}

/** Who is logged in: a user, or null. */
export const whoAmI = async () => (await call("GET", "/api/session")).user;
/** The name of the node that answers; empty if the server is a single one. */
export const whichNode = async () => (await call("GET", "/api/node")).node;
export const signUp = async (account) => (await call("POST", "/api/signup", account)).user;
export const logIn = async (account) => (await call("POST", "/api/login", account)).user;
export const logOut = () => call("POST", "/api/logout", {});
