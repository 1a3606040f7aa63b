// The page that lists the rooms.
import { Refused } from "./api.js";
import { ConnectionNotice } from "./connection.js";
import { byId, say, showErrors } from "./dom.js";
import { roomRow } from "./room-row.js";
import { requireUser, stillLoggedIn } from "./session.js";
import { ConnectionLost, Socket } from "./socket.js";

const page = 50;

const list = byId("rooms");
const older = byId("older");
const rows = new Map(); // primary key -> <li>
let reachesOldest = false;

/** Adds a room or replaces what is shown of it; the newest stands first. */
function show(room) {
  const next = roomRow(room);
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

const oldest = () => Math.min(...rows.keys());

function apply({ action, room }) {
  if (action === "delete") remove(room.pk);
  else if (rows.has(room.pk) || reachesOldest || room.pk > oldest()) show(room); // others come with their page
  showEnds();
}

function showEnds() {
  byId("empty").hidden = rows.size > 0 || !reachesOldest;
  older.hidden = reachesOldest;
}

const notice = new ConnectionNotice(byId("connection"), () => byId("name").focus());
const user = await requireUser(notice, () => socket?.close());
const socket = new Socket("/ws/chat/room/", { admit: () => stillLoggedIn(user), probe: ["list_rooms", { limit: 1 }] });
notice.follow(socket);

/** Fetches as many of the newest rooms as were shown, or the first page. */
async function listRooms() {
  const wanted = Math.max(page, rows.size);
  const all = [];
  for (let before = null; ; before = all.at(-1).pk) {
    const got = await socket.request("list_rooms", { before, limit: page });
    all.push(...got);
    reachesOldest = got.length < page;
    if (reachesOldest || all.length >= wanted) return all;
  }
}

socket.addEventListener("online", async () => {
  // Events that overtake the list are kept, and applied to what it says.
  let early = [];
  const onEvent = (action, room) => {
    if (action === "missed") socket.fail();
    else if (early) early.push({ action, room });
    else apply({ action, room });
  };
  try {
    const [all] = await Promise.all([listRooms(), socket.subscribe("watch_rooms", {}, onEvent)]);
    const pks = new Set(all.map((room) => room.pk));
    for (const pk of [...rows.keys()]) if (!pks.has(pk)) remove(pk);
    all.forEach(show);
    early.forEach(apply);
    early = null;
    list.setAttribute("aria-busy", "false");
    showEnds();
    socket.succeed();
  } catch (error) {
    if (error instanceof Refused && error.status >= 500) socket.fail();
    else if (error instanceof Refused) say(byId("connection"), "The rooms can't be shown.");
    else if (!(error instanceof ConnectionLost)) throw error;
  }
});

older.addEventListener("click", async () => {
  older.disabled = true;
  try {
    const got = await socket.request("list_rooms", { before: oldest(), limit: page });
    got.forEach(show);
    reachesOldest = got.length < page;
    if (got.length) rows.get(got[0].pk).firstChild.focus();
  } catch {
    // The page says already that it is offline.
  } finally {
    older.disabled = false;
    showEnds();
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
form.querySelector("[type=submit]").disabled = false; // until here the form would be sent as a form

socket.connect();
