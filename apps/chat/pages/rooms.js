// The page that lists the rooms.
import { Refused } from "./api.js";
import { showConnection } from "./connection.js";
import { avatar, byId, element, say, showErrors } from "./dom.js";
import { requireUser, stillLoggedIn } from "./session.js";
import { Socket } from "./socket.js";

const shownPeople = 4;

const list = byId("rooms");
const rows = new Map(); // primary key -> <li>

function row(room) {
  const here = room.current_users;
  const names = here.map((user) => user.username).join(", ");
  return element(
    "li",
    {},
    element(
      "a",
      { href: `/rooms/${room.pk}/` },
      element("span", { class: "room-name", dir: "auto" }, room.name),
      element("span", { class: "room-host" }, "Hosted by ", element("bdi", {}, room.host.username)),
      element(
        "span",
        { class: "faces", title: names },
        ...here.slice(0, shownPeople).map(avatar),
        element("span", { class: here.length ? "count" : "count none" }, here.length ? `${here.length} here` : "Empty"),
      ),
    ),
  );
}

/** Adds a room or replaces what is shown of it; the newest stands first. */
function show(room) {
  const next = row(room);
  const shown = rows.get(room.pk);
  if (shown) {
    const focused = shown.contains(document.activeElement);
    shown.replaceWith(next);
    if (focused) next.firstChild.focus();
  } else {
    const newer = [...rows.keys()].filter((pk) => pk > room.pk);
    list.insertBefore(next, newer.length ? rows.get(Math.min(...newer)).nextSibling : list.firstChild);
  }
  rows.set(room.pk, next);
}

function remove(pk) {
  rows.get(pk)?.remove();
  rows.delete(pk);
}

function apply({ action, room }) {
  if (action === "delete") remove(room.pk);
  else show(room);
  byId("empty").hidden = rows.size > 0;
}

const user = await requireUser();
const socket = new Socket("/ws/chat/room/", { admit: () => stillLoggedIn(user), probe: ["list"] });
showConnection(socket, byId("connection"));

socket.addEventListener("online", async () => {
  // Events that overtake the list are kept, and applied to what it says.
  let early = [];
  const onEvent = (action, room) => (early ? early.push({ action, room }) : apply({ action, room }));
  try {
    const [, all] = await Promise.all([
      socket.subscribe("subscribe_to_rooms", {}, onEvent),
      socket.request("list"),
    ]);
    const pks = new Set(all.map((room) => room.pk));
    for (const pk of [...rows.keys()]) if (!pks.has(pk)) remove(pk);
    for (const room of all) show(room);
    early.forEach(apply);
    early = null;
    list.setAttribute("aria-busy", "false");
    byId("empty").hidden = rows.size > 0;
  } catch (error) {
    if (error instanceof Refused) say(byId("connection"), "The rooms can't be shown.");
  }
});

const form = byId("new-room");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const room = await socket.request("create", { data: { name: form.elements.name.value.trim() } });
    location.assign(`/rooms/${room.pk}/`);
  } catch (error) {
    const rest = error instanceof Refused ? showErrors(form, error.errors) : "The server can't be reached right now.";
    if (rest) say(byId("name-error"), rest);
  }
});

socket.connect();
