// The page of one room.
import { Refused } from "./api.js";
import { setUpComposer } from "./composer.js";
import { showConnection } from "./connection.js";
import { avatar, byId, element, say } from "./dom.js";
import { MessageLog } from "./messages.js";
import { Outbox } from "./outbox.js";
import { requireUser, stillLoggedIn } from "./session.js";
import { ConnectionLost, Socket } from "./socket.js";

const page = 50;
const nearTop = 300;

const pk = Number(location.pathname.split("/")[2]);
const user = await requireUser();
const storage = `chat/${user.id}/${pk}`;

const logNode = byId("log");
const log = new MessageLog(logNode, byId("history"), user);
const socket = new Socket("/ws/chat/room/", {
  admit: () => stillLoggedIn(user),
  probe: ["list_messages", { room: pk, limit: 1 }],
});
showConnection(socket, byId("connection"));

// The room and who is in it

let name = "";
let unread = 0;

function showTitle() {
  document.title = `${unread ? `(${unread}) ` : ""}${name} · Chat`;
}

function showPeople(people) {
  const sorted = [...people].sort((a, b) => a.username.localeCompare(b.username));
  byId("people").replaceChildren(
    ...sorted.map((person) =>
      element(
        "li",
        {},
        avatar(person),
        element("bdi", {}, person.username),
        ...(person.id === user.id ? [element("span", { class: "you" }, "you")] : []),
      ),
    ),
  );
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
  complete = false;
  say(byId("connection"), text);
  byId("composer").hidden = true;
  byId("edge").textContent = "";
  logNode.setAttribute("aria-busy", "false");
}

// Messages

/** Whether everything up to the newest message is here, and up to which one it surely is. */
let complete = false;
let completeTo = 0;
let reachedBeginning = false;
let loadingOlder = false;
let unseen = 0;

function take(messages) {
  const fresh = log.add(messages);
  for (const message of fresh) if (!complete && message.user.id === user.id) outbox.arrived(message);
  if (complete) completeTo = log.newest;
  return fresh;
}

/** Like take; counts what the reader hasn't seen. */
function takeNews(messages) {
  const followed = log.atEnd;
  const others = take(messages).filter((each) => each.user.id !== user.id).length;
  if (!followed) unseen += others;
  if (document.hidden) unread += others;
  showUnseen();
  showTitle();
  showEdge();
}

function showUnseen() {
  if (log.atEnd) unseen = 0;
  byId("latest").hidden = log.atEnd;
  byId("latest").textContent = unseen ? `${unseen} new` : "To the latest";
  byId("latest").classList.toggle("new", unseen > 0);
}

function onMessage(action, message) {
  if (action === "delete") log.remove(message.id ?? message.pk);
  else if (action === "update") log.update(message);
  else takeNews([message]);
  showUnseen();
}

const listMessages = (before) =>
  socket.request("list_messages", { room: pk, limit: page, ...(before && { before }) });

/** Fetches what was missed: from the newest message back to the last one that is surely here. */
async function catchUp() {
  logNode.setAttribute("aria-busy", String(completeTo === 0));
  let messages = await listMessages(null);
  const first = completeTo === 0;
  if (first) reachedBeginning = messages.length < page;
  for (;;) {
    if (first) take(messages);
    else takeNews(messages);
    const oldest = messages.at(-1)?.id;
    if (first || messages.length < page || oldest <= completeTo) break;
    messages = await listMessages(oldest);
  }
  complete = true;
  completeTo = log.newest;
  logNode.setAttribute("aria-busy", "false");
}

async function loadOlder() {
  if (!complete || loadingOlder || reachedBeginning || logNode.scrollTop > nearTop) return;
  loadingOlder = true;
  logNode.setAttribute("aria-busy", "true"); // history isn't news to be read out
  byId("edge").textContent = "Loading older messages …";
  try {
    const messages = await listMessages(log.oldest);
    log.add(messages);
    reachedBeginning = messages.length < page;
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
  } finally {
    loadingOlder = false;
    logNode.setAttribute("aria-busy", "false");
    showEdge();
  }
  loadOlder(); // until the window is full
}

function showEdge() {
  byId("edge").textContent = !reachedBeginning ? "" : log.newest ? "This is where it began." : "Nothing was said here yet.";
}

logNode.addEventListener("scroll", () => {
  showUnseen();
  loadOlder();
});
byId("latest").addEventListener("click", () => {
  log.scrollToEnd();
  byId("text").focus();
});
// Who follows the conversation stays at its end when the window or what is in it changes its size.
let following = true;
logNode.addEventListener("scroll", () => (following = log.atEnd));
const resized = new ResizeObserver(() => following && log.scrollToEnd());
resized.observe(logNode);
resized.observe(logNode.firstElementChild);

// Writing

const outboxNode = byId("outbox");
const outbox = new Outbox({
  list: outboxNode,
  key: `${storage}/outbox`,
  send: (message) => socket.request("create_message", { message }),
  confirmed: (message) => {
    take([message]);
    showEdge();
  },
  newest: () => log.newest,
});
outboxNode.addEventListener("retry", () => complete && outbox.flush());

setUpComposer({
  form: byId("composer"),
  remaining: byId("remaining"),
  key: `${storage}/draft`,
  submit: (text) => {
    outbox.add(text);
    if (complete) outbox.flush();
    log.scrollToEnd();
  },
});

// The connection

socket.addEventListener("frame", ({ detail: { usuarios } }) => usuarios && showPeople(usuarios));

socket.addEventListener("offline", () => (complete = false));

socket.addEventListener("online", async () => {
  try {
    socket.send("join_room", { pk });
    const [room] = await Promise.all([
      socket.request("retrieve", { pk }),
      socket.subscribe("subscribe_instance", { pk }, (action, data) => {
        if (action === "delete") gone("This room was deleted.");
        else showRoom(data);
      }),
      socket.subscribe("subscribe_to_messages_in_room", { pk }, onMessage),
    ]);
    showRoom(room);
    await catchUp();
    showEdge();
    outbox.flush();
    loadOlder();
  } catch (error) {
    if (error instanceof Refused) gone(error.status === 404 ? "There is no such room." : "This room can't be shown.");
    else if (!(error instanceof ConnectionLost)) throw error;
  }
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) unread = 0;
  showTitle();
});

socket.connect();
