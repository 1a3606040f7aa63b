// Part 3 of docs/tutorial.md: the page, as a part of the program.
#pragma once

// [html]
#include <string_view>

inline constexpr std::string_view page = R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Chat</title>
<form id="login">
  <input id="username" placeholder="Name" required autofocus>
  <input id="password" type="password" placeholder="Password" required>
  <button>Enter</button>
</form>
<main hidden>
  <p><span id="me"></span> <button id="logout">Log out</button></p>
  <ul id="rooms"></ul>
  <form id="new"><input id="name" placeholder="New room" required> <button>Create</button></form>
  <section hidden>
    <h2 id="title"></h2>
    <p id="here"></p>
    <ol id="messages"></ol>
    <form id="say"><input id="text" placeholder="Message" required> <button>Send</button></form>
  </section>
</main>
<p id="error" role="alert"></p>
<script type="module" src="/chat.js"></script>
</html>
)html";
// [html]

// [script]
inline constexpr std::string_view script = R"js(
const $ = (id) => document.getElementById(id);
const post = (path, body) => fetch(path, {
  method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
const li = (text) => Object.assign(document.createElement("li"), {textContent: text});

let socket, room, messages;

// The request id says what a reply or event is about.
const send = (action, more) => socket.send(JSON.stringify({action, request_id: action, ...more}));

const handlers = {
  list: (rooms) => $("rooms").replaceChildren(...rooms.map(({pk, name}) => {
    const item = li(name);
    item.onclick = () => { room = pk; socket.close(); };
    return item;
  })),
  create: (created) => { room = created.pk; socket.close(); },
  retrieve: show,
  subscribe_instance: (changed) => { if (changed) show(changed); },
  list_messages: (list) => list.forEach(add),
  subscribe_to_messages_in_room: (message) => { if (message) add(message); },
};

function show({name, current_users}) {
  document.querySelector("section").hidden = false;
  $("title").textContent = name;
  $("here").textContent = "Here: " + current_users.map((x) => x.username).join(", ");
}

function add(message) {
  messages.set(message.id, message);
  const inOrder = [...messages.values()].sort((x, y) => x.id - y.id);
  $("messages").replaceChildren(...inOrder.map((x) => li(`${x.user.username}: ${x.text}`)));
}

// A new connection for each room: what the old one was subscribed to ends with it.
async function connect() {
  const me = await fetch("/api/me").catch(() => null);
  if (!me) return setTimeout(connect, 1000);
  $("login").hidden = me.ok;
  document.querySelector("main").hidden = !me.ok;
  if (!me.ok) return;
  $("me").textContent = (await me.json()).username;
  messages = new Map();
  $("messages").replaceChildren();
  socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/ws/chat/room/`);
  socket.onclose = () => setTimeout(connect, 100);
  socket.onmessage = ({data}) => {
    const {errors, request_id, data: body} = JSON.parse(data);
    $("error").textContent = errors.map((x) => JSON.stringify(x)).join(" ");
    if (!errors.length) handlers[request_id]?.(body);
  };
  socket.onopen = () => {
    send("list");
    if (!room) return;
    for (const action of ["subscribe_instance", "subscribe_to_messages_in_room", "join_room",
                          "retrieve", "list_messages"]) send(action, {pk: room});
  };
}

const on = (id, what) => $(id).addEventListener("submit", async (event) => {
  event.preventDefault();
  await what();
});
on("login", async () => {
  const reply = await post("/api/login", {username: $("username").value,
                                          password: $("password").value});
  $("error").textContent = reply.ok ? "" : await reply.text();
  if (reply.ok) connect();
});
on("new", () => send("create", {data: {name: $("name").value}}));
on("say", () => { send("create_message", {message: $("text").value}); $("text").value = ""; });
$("logout").onclick = async () => { await post("/api/logout", {}); socket.close(); };
connect();
)js";
// [script]
