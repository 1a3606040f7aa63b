// The page of one room.
import { Refused } from "./api.js";
import { Composer } from "./composer.js";
import { ConnectionNotice } from "./connection.js";
import { copyAsLines } from "./copying.js";
import { byId, element } from "./dom.js";
import { MessageLog } from "./messages.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { requireUser, stillLoggedIn } from "./session.js";
import { ConnectionLost, Socket } from "./socket.js";
import { Timeline } from "./timeline.js";
import { walkMessages } from "./walking.js";

const pk = Number(location.pathname.split("/")[2]);
const logNode = byId("log");
const outboxNode = byId("outbox");
const focusField = () => byId("text").focus();
const notice = new ConnectionNotice(byId("connection"), focusField);

// What is written before the page knows who writes, or is connected, waits.

let timeline = null;

const outbox = new Outbox({
  list: outboxNode,
  send: (message) => socket.request("create_message", { message }),
  confirmed: (message) => timeline.hear(message),
  newest: () => timeline.knownTo,
  left: focusField,
});
const flush = () => timeline?.live && outbox.flush();
outboxNode.addEventListener("retry", flush);

const composer = new Composer({
  form: byId("composer"),
  remaining: byId("remaining"),
  submit: (text) => {
    outbox.add(text);
    flush();
    timeline?.toLatest();
  },
});

const user = await requireUser(notice, () => socket?.close());
const storage = `chat/${user.id}/${pk}`;
composer.keepUnder(`${storage}/draft`);
outbox.keepUnder(`${storage}/outbox`);

const log = new MessageLog(logNode, byId("history"), user);
const people = new People(byId("people"), byId("people-count"), user);
const socket = new Socket("/ws/chat/room/", {
  admit: () => stillLoggedIn(user),
  probe: ["list_messages", { room: pk, limit: 1 }],
});
notice.follow(socket);
timeline = new Timeline(
  log,
  (asked) => socket.request("list_messages", { room: pk, ...asked }),
  () => outbox.isUnsure,
);
walkMessages(logNode, byId("history"));
copyAsLines(byId("history"));

// The room

let name = "";
let unread = 0;
let unseen = 0;

function showTitle() {
  document.title = `${unread ? `(${unread}) ` : ""}${name} · Chat`;
}

function showRoom(room) {
  name = room.name;
  byId("room-name").textContent = name;
  byId("room-host").replaceChildren("Hosted by ", element("bdi", {}, room.host.username));
  showTitle();
}

/** The room doesn't exist, or not any more: what was said stays readable. */
function gone(text) {
  socket.close();
  timeline.interrupt();
  notice.end();
  composer.hide();
  if (!name) {
    byId("room-name").textContent = "Unknown room";
    document.querySelector(".people").hidden = true;
  }
  byId("gone").replaceChildren(element("span", {}, text), " ", element("a", { href: "/" }, "All rooms"));
  byId("gone").hidden = false;
  byId("edge").textContent = "";
  logNode.setAttribute("aria-busy", "false");
}

function onRoom(action, data) {
  if (action === "people") people.change(data);
  else if (action === "delete") gone("This room was deleted.");
  else if (action === "missed") enter().catch(failed);
  else showRoom(data);
}

// Messages

function onMessage(action, message) {
  if (action === "create") timeline.hear(message);
  else if (action === "update") log.update(message);
  else if (action === "delete") log.remove(message.id ?? message.pk);
  else if (action === "missed") timeline.catchUp().catch(failed);
}

function showUnseen() {
  const atEnd = log.atEnd && timeline.reachesLatest;
  if (atEnd) unseen = 0;
  byId("latest").hidden = atEnd;
  byId("latest").textContent = unseen ? `${unseen} new` : "To the latest";
  byId("latest").classList.toggle("new", unseen > 0);
}

function showEdge() {
  byId("edge").textContent = !timeline.reachesBeginning ? "" : log.size ? "This is where it began." : "Nothing was said here yet.";
}

timeline.addEventListener("news", ({ detail: messages }) => {
  for (const message of messages) if (message.user.id === user.id) outbox.arrived(message);
  const others = messages.filter((each) => each.user.id !== user.id).length;
  if (!log.following) unseen += others;
  if (document.hidden) unread += others;
  showUnseen();
  showTitle();
  showEdge();
});
timeline.addEventListener("busy", () => {
  logNode.setAttribute("aria-busy", "true"); // history isn't news to be read out
  if (log.size && !timeline.reachesBeginning) byId("edge").textContent = "Loading older messages …";
});
timeline.addEventListener("idle", () => logNode.setAttribute("aria-busy", "false"));
timeline.addEventListener("edge", () => {
  showEdge();
  showUnseen();
});
logNode.addEventListener("scroll", () => {
  showUnseen();
  timeline.look();
});
byId("latest").addEventListener("click", () => {
  timeline.toLatest();
  focusField();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) unread = 0;
  showTitle();
});

// The connection

async function enter() {
  const { room, people: present } = await socket.subscribe("enter_room", { pk }, onRoom);
  // At once: the next frame may change it.
  showRoom(room);
  people.reset(present);
}

function failed(error) {
  if (error instanceof ConnectionLost) return;
  if (!(error instanceof Refused)) throw error;
  if (error.status >= 500) socket.fail();
  else gone(error.status === 404 ? "There is no such room." : "This room can't be shown.");
}

socket.addEventListener("offline", () => timeline.interrupt());
socket.addEventListener("online", async () => {
  try {
    await Promise.all([enter(), socket.subscribe("subscribe_to_messages_in_room", { pk }, onMessage)]);
    await timeline.catchUp();
    socket.succeed();
    outbox.flush();
  } catch (error) {
    failed(error);
  }
});

socket.connect();
