// Pages that need a logged-in user.
import { logOut, whichNode, whoAmI } from "./api.js";
import { avatar, byId, element } from "./dom.js";

function toLogin() {
  location.replace(`/login?next=${encodeURIComponent(location.pathname)}`);
  return new Promise(() => {}); // the page is being left
}

/** Who is logged in; asks again while the server can't be reached. */
async function untilKnown() {
  for (;;) {
    try {
      return await whoAmI();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

async function leave() {
  try {
    await logOut();
  } catch {
    return; // the page says already that it is offline
  }
  sessionStorage.clear(); // drafts belong to the user who leaves
  location.assign("/login");
}

/** The user, shown in the page's bar with a way out; without one, the page goes to the login. */
export async function requireUser() {
  const button = byId("logout");
  button.addEventListener("click", leave);
  button.disabled = false;
  const user = (await untilKnown()) ?? (await toLogin());
  byId("me").append(avatar(user), user.username);
  showNode();
  return user;
}

/** Says which of several nodes the page talks to. */
async function showNode() {
  const node = await whichNode().catch(() => "");
  if (node) byId("me").append(element("span", { class: "node", title: "The node that serves this page" }, node));
}

/** Before reconnecting: the login may have ended, or be another user's, in the meantime. */
export async function stillLoggedIn(user) {
  const now = await whoAmI();
  if (!now) await toLogin();
  if (now.id !== user.id) {
    location.reload();
    await new Promise(() => {});
  }
}
