// Pages that need a logged-in user.
import { logOut, whichNode, whoAmI } from "./api.js";
import { delayBefore } from "./backoff.js";
import { avatar, byId, element } from "./dom.js";
import { tellTabs, whenTabsTell } from "./tabs.js";

const never = () => new Promise(() => {}); // the page is being left

function toLogin() {
  location.replace(`/login?next=${encodeURIComponent(location.pathname)}`);
  return never();
}

function anew() {
  location.reload();
  return never();
}

/** Who is logged in; asks again while the server can't be reached. */
async function untilKnown(notice) {
  notice.offline(null, null); // said if the answer takes its time
  for (let attempt = 0; ; ++attempt) {
    try {
      const user = await whoAmI();
      notice.online();
      return user;
    } catch {
      await notice.wait(delayBefore(attempt));
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
  tellTabs(null);
  location.assign("/login");
}

/**
 * The user, shown in the page's bar with a way out; without one, the page goes to the login.
 * @param notice a ConnectionNotice
 * @param left   called when the login ends in another tab, before the page goes
 */
export async function requireUser(notice, left) {
  const button = byId("logout");
  button.addEventListener("click", leave);
  button.disabled = false;
  const user = (await untilKnown(notice)) ?? (await toLogin());
  whenTabsTell((id) => {
    if (id === user.id) return;
    left();
    if (id === null) toLogin();
    else anew();
  });
  byId("me").append(avatar(user), element("bdi", { class: "name", title: user.username }, user.username));
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
  if (now.id !== user.id) await anew();
}
