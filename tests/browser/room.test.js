// A room under load, in small windows, with the keyboard, and while the server can't do what it should.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import {
  Server,
  createRoom,
  desktop,
  enter,
  field,
  inRoom,
  launch,
  messages,
  open,
  people,
  person,
  phone,
  pkOf,
  say,
  sayMany,
  screenshots,
  sees,
  shown,
  signUp,
  texts,
} from "./support.js";

/** Pages show no more messages than this. */
const most = 450;

let server;
let browser;
const opened = [];
let counter = 0;
const unique = (name) => `${name} ${++counter}`;

before(async () => {
  server = await new Server().start();
  browser = await launch();
});
after(async () => {
  await browser.close();
  await server.close();
});
afterEach(async () => {
  const problems = opened.flatMap((page) => page.problems);
  await Promise.all(opened.splice(0).map((page) => page.context().close()));
  assert.deepEqual(problems, []);
});

async function newcomer(name, options = {}) {
  const page = await person(browser, server, name, options);
  opened.push(page);
  return page;
}

async function window(options = {}) {
  const page = await open(browser, server, options);
  opened.push(page);
  return page;
}

const log = (page) => page.locator("#log");
/** Waits until the log is at its end, up to a fraction of a pixel. */
const atEnd = (page) =>
  page.waitForFunction(() => {
    const node = document.querySelector("#log");
    return node.scrollHeight - node.scrollTop - node.clientHeight < 2;
  });

const numbers = async (page) => (await texts(page)).map((text) => Number(text.split(" ")[1]));
const assertConsecutive = (found) => assert.deepEqual(found, found.map((_, index) => found[0] + index));

describe("much is said", () => {
  test("a long history stays within its window", async () => {
    const page = await newcomer(unique("reader"));
    const room = await createRoom(page, unique("long"));
    await sayMany(page, pkOf(room), 300, 20);
    await sees(page, "number 300");
    for (const viewport of [desktop, phone]) {
      await page.setViewportSize(viewport);
      await atEnd(page);
      await log(page).focus();
      await page.keyboard.press("PageUp");
      await page.keyboard.press("End");
      await atEnd(page);
      const [document, bar] = await page.evaluate(() => [
        document.documentElement.scrollHeight,
        document.querySelector(".bar").getBoundingClientRect().top,
      ]);
      assert.equal(document, viewport.height);
      assert.equal(bar, 0);
    }
  });

  test("thousands of messages pass by: the newest are in the page, the others come back on the way up", async () => {
    const reader = await newcomer(unique("reader"));
    const writer = await newcomer(unique("writer"));
    const room = await createRoom(reader, unique("busy"));
    await sayMany(writer, pkOf(room), 2000, 50);
    await sees(reader, "number 2000");
    await atEnd(reader);
    assert.ok((await messages(reader).count()) <= most);
    assertConsecutive(await numbers(reader));

    // Up, further than fits into the page.
    for (let first = 2000; first > 1200; [first] = await numbers(reader)) {
      await log(reader).evaluate((node) => (node.scrollTop = 0));
      await reader.waitForFunction(
        (before) => Number(document.querySelector("#history .text").textContent.split(" ")[1]) < before,
        first,
      );
      assert.ok((await messages(reader).count()) <= most);
    }
    const away = await numbers(reader);
    assertConsecutive(away);
    assert.ok(away.at(-1) < 2000);

    // What is said meanwhile is counted, and pulls nobody away.
    const place = await log(reader).evaluate((node) => node.scrollTop);
    await enter(writer, room);
    await say(writer, "number 2001");
    await reader.getByRole("button", { name: "1 new" }).waitFor();
    assert.equal(await log(reader).evaluate((node) => node.scrollTop), place);

    // Down again, page by page, without a gap.
    for (let last = away.at(-1); last < 2001; last = (await numbers(reader)).at(-1)) {
      await log(reader).evaluate((node) => (node.scrollTop = node.scrollHeight));
      await reader.waitForFunction(
        (before) => Number([...document.querySelectorAll("#history .text")].at(-1).textContent.split(" ")[1]) > before,
        last,
      );
    }
    assertConsecutive(await numbers(reader));
    await say(writer, "number 2002");
    await sees(reader, "number 2002");

    // Or at once.
    await log(reader).evaluate((node) => (node.scrollTop = 0));
    await reader.locator("#latest").click();
    await atEnd(reader);
    await say(writer, "number 2003");
    await sees(reader, "number 2003");
    await atEnd(reader);
  });

  test("more was missed than fits into the page", async () => {
    const reader = await newcomer(unique("reader"));
    const room = await createRoom(reader, unique("missed"));
    await say(reader, "number 0");
    const writer = await newcomer(unique("writer"));
    await reader.context().setOffline(true);
    await reader.evaluate(() => dispatchEvent(new Event("offline")));
    await reader.getByText(/^Offline/).waitFor();
    await sayMany(writer, pkOf(room), 700, 20);
    await reader.context().setOffline(false);
    await sees(reader, "number 700");
    await inRoom(reader);
    await atEnd(reader);
    assert.ok((await messages(reader).count()) <= most);
    assertConsecutive(await numbers(reader));
  });

  test("a field that grows keeps the newest message in sight, and the conversation is followed on", async () => {
    const page = await newcomer(unique("writer"));
    const room = await createRoom(page, unique("growing"));
    await sayMany(page, pkOf(room), 60, 10);
    await sees(page, "number 60");
    const lines = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
    for (const [index, line] of lines.entries()) {
      if (index > 0) await page.keyboard.press("Shift+Enter");
      await page.keyboard.type(line);
    }
    await atEnd(page);
    assert.ok((await field(page).evaluate((node) => node.clientHeight)) > 150);
    const [bottom, top] = await page.evaluate(() => [
      [...document.querySelectorAll("#history .message")].at(-1).getBoundingClientRect().bottom,
      document.querySelector("#composer").getBoundingClientRect().top,
    ]);
    assert.ok(bottom <= top, `${bottom} is below ${top}`);
    await sayMany(page, pkOf(room), 1);
    await shown(page, "number 1").nth(1).waitFor();
    await atEnd(page);
    await field(page).press("Enter");
    await sees(page, lines.join("\n"));
    await atEnd(page);
  });

  test("people come and go in the order of their numbers", async () => {
    const host = await newcomer("user 10");
    const room = await createRoom(host, unique("order"));
    for (const name of ["user 2", "User 1"]) await enter(await newcomer(name), room);
    await host.locator("#people li").nth(2).waitFor();
    assert.deepEqual(await people(host), ["User 1", "user 2", "user 10"]);
  });
});

describe("before the page is ready", () => {
  test("what is typed while the scripts load is kept", async () => {
    const page = await newcomer(unique("early"));
    const room = await createRoom(page, unique("slow"));
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await page.route("**/static/*.js", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(room, { waitUntil: "commit" });
    await field(page).fill("typed early");
    await page.getByRole("button", { name: "Send" }).click({ force: true });
    release();
    await inRoom(page);
    assert.equal(await field(page).inputValue(), "typed early");
    await field(page).press("Enter");
    await sees(page, "typed early");
    assert.equal(new URL(page.url()).search, "");
  });

  test("what is sent before it is known who writes waits, and the page says that the server is away", async () => {
    const page = await newcomer(unique("early"));
    const room = await createRoom(page, unique("api"));
    await page.route("**/api/session", (route) => route.abort());
    await page.goto(room);
    await page.getByText("Offline. Trying again soon.").waitFor();
    await field(page).fill("sent early");
    await field(page).press("Enter");
    await page.getByText("Waiting for the connection").waitFor();
    await page.unroute("**/api/session");
    await page.getByRole("button", { name: "Try now" }).click();
    await sees(page, "sent early");
    await page.getByText(/^Offline/).waitFor({ state: "hidden" });

    await page.route("**/api/session", (route) => route.fulfill({ status: 503, json: { detail: "Not now." } }));
    await page.goto("/");
    await page.getByText("Offline. Trying again soon.").waitFor();
    await page.unroute("**/api/session");
    await page.getByRole("link", { name: /api/ }).waitFor();
  });
});

describe("the login ends in another tab", () => {
  test("the other tabs go to the login", async () => {
    const page = await newcomer(unique("leaver"));
    const room = await createRoom(page, unique("tabs"));
    const other = await page.context().newPage();
    await other.goto("/");
    await other.getByRole("button", { name: "Log out" }).click();
    await page.waitForURL((url) => url.search === `?next=${encodeURIComponent(room)}`);
  });

  test("the server closes the connections, whatever the pages know", async () => {
    const page = await newcomer(unique("leaver"));
    await page.context().addInitScript(() => (window.BroadcastChannel = class extends EventTarget { postMessage() {} }));
    await createRoom(page, unique("deaf"));
    const other = await page.context().newPage();
    await other.goto("/");
    await other.getByRole("button", { name: "Log out" }).click();
    await page.waitForURL(/\/login\?next=/);
  });

  test("another user's login shows the page anew, as that user", async () => {
    const page = await newcomer(unique("first"));
    await createRoom(page, unique("hands"));
    const other = await page.context().newPage();
    const second = unique("second");
    await signUp(other, second);
    await page.locator("#me").getByText(second).waitFor();
  });
});

describe("the server can't take a message now", () => {
  /** Answers create_message with these statuses first; the server gets only what comes after them. */
  async function refusing(page, statuses) {
    await page.routeWebSocket("**/ws/chat/room/", (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((text) => {
        const { action, request_id } = JSON.parse(text);
        if (action !== "create_message" || !statuses.length) return server.send(text);
        const reply = { errors: ["Not now."], data: null, action, response_status: statuses.shift(), request_id };
        socket.send(JSON.stringify(reply));
      });
    });
  }

  test("it is tried again by itself", async () => {
    const page = await newcomer(unique("patient"));
    await refusing(page, [503, 503]);
    await createRoom(page, unique("busy"));
    await field(page).fill("in the end");
    await field(page).press("Enter");
    await page.getByText("Trying again soon. The server is busy.").waitFor();
    await sees(page, "in the end");
    await page.locator("#outbox > *").first().waitFor({ state: "detached" });
    assert.deepEqual(await texts(page), ["in the end"]);
  });

  test("after some attempts it is offered, and the focus goes to the field", async () => {
    const page = await newcomer(unique("impatient"));
    await refusing(page, [503, 503, 503, 503, 503]);
    await page.clock.install();
    await createRoom(page, unique("away"));
    await field(page).fill("later");
    await field(page).press("Enter");
    for (let attempt = 0; attempt < 4; ++attempt) {
      await page.getByText("Trying again soon.").waitFor();
      await page.clock.fastForward(12_000);
      await page.getByText("Trying again soon.").or(page.getByText("Not sent.")).waitFor();
    }
    await page.getByText("Not sent.").waitFor();
    const again = page.getByRole("button", { name: "Try again" });
    await again.focus();
    await page.keyboard.press("Enter");
    await sees(page, "later");
    assert.ok(await field(page).evaluate((node) => node === document.activeElement));
  });
});

describe("with the keyboard and small windows", () => {
  const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);

  test("who enters a room can write at once; a history of links is one stop", async () => {
    const page = await newcomer(unique("typist"));
    const room = await createRoom(page, unique("links"));
    assert.equal(await focused(page), "text");
    for (let index = 0; index < 20; ++index) await say(page, `see https://example.org/${index}`);
    await enter(page, room);
    await page.keyboard.type("at once");
    await page.keyboard.press("Enter");
    await sees(page, "at once");
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(page), "log");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "text");

    // The links are reached from their messages.
    await page.keyboard.press("Shift+Tab");
    for (let up = 0; up < 3; ++up) await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "https://example.org/18");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "text");
  });

  test("at 400 % something is left of the log", async () => {
    const page = await newcomer(unique("zoomer"));
    const room = await createRoom(page, unique("zoomed"));
    await sayMany(page, pkOf(room), 60, 10);
    await page.setViewportSize({ width: 320, height: 200 });
    await enter(page, room);
    await atEnd(page);
    const [top, bottom, composer] = await page.evaluate(() => {
      const box = document.querySelector("#log").getBoundingClientRect();
      return [Math.max(0, box.top), box.bottom, document.querySelector("#composer").getBoundingClientRect().bottom];
    });
    assert.ok(bottom - top >= 100, `the log has ${bottom - top} pixels`);
    assert.ok(composer <= 200.5, `the field ends at ${composer}`);
    await page.screenshot({ path: `${screenshots}/room-zoomed-light.png` });
    await page.getByRole("button", { name: "Log out" }).scrollIntoViewIfNeeded();
  });

  test("a long name of one's own ends in an ellipsis", async () => {
    const page = await newcomer(`${unique("name")} ${"mmmm ".repeat(4)}m`, { viewport: phone });
    const [width, full, style, button] = await page.locator("#me .name").evaluate((node) => [
      node.clientWidth,
      node.scrollWidth,
      getComputedStyle(node).textOverflow,
      document.querySelector("#logout").getBoundingClientRect().right,
    ]);
    assert.ok(width < full);
    assert.equal(style, "ellipsis");
    assert.ok(button <= phone.width);
  });

  test("an unknown room says so on top", async () => {
    const page = await newcomer(unique("lost"));
    await page.goto("/rooms/999999/");
    const said = page.getByText("There is no such room.");
    await said.waitFor();
    const { y } = await said.boundingBox();
    assert.ok(y < desktop.height / 3, `it is said at ${y}`);
    assert.ok(await field(page).isHidden());
    await page.getByRole("link", { name: "All rooms" }).last().click();
    await page.getByRole("heading", { name: "Rooms" }).waitFor();
  });

  test("what is copied has a line for each message", async () => {
    const page = await newcomer(unique("copier"));
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await createRoom(page, unique("copies"));
    await say(page, "first");
    await say(page, "second\nhas two lines");
    const copy = async (select) => {
      await page.evaluate(select);
      await page.keyboard.press("Control+c");
      return page.evaluate(() => navigator.clipboard.readText());
    };
    const all = await copy(() => getSelection().selectAllChildren(document.querySelector("#log")));
    assert.match(all, /^\[\d+:\d\d[^\]]*\] You: first\n\[\d+:\d\d[^\]]*\] You: second\nhas two lines$/);
    const one = await copy(() => getSelection().selectAllChildren(document.querySelector("#history .text")));
    assert.equal(one, "first");
  });
});

test("rooms come in pages", async () => {
  const page = await newcomer(unique("host"));
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const ws = new WebSocket(`ws://${location.host}/ws/chat/room/`);
        let done = 0;
        ws.onopen = () => {
          for (let i = 1; i <= 70; ++i) {
            ws.send(JSON.stringify({ action: "create", request_id: i, data: { name: `paged ${i}` } }));
          }
        };
        ws.onmessage = () => ++done === 70 && resolve();
      }),
  );
  await page.goto("/");
  const rooms = page.locator("#rooms li");
  await page.locator("#rooms[aria-busy=false]").waitFor({ state: "attached" });
  assert.equal(await rooms.count(), 50);
  await page.getByRole("button", { name: "Show older rooms" }).click();
  await page.getByRole("link", { name: /^paged 1 / }).waitFor();
  assert.ok((await rooms.count()) >= 70);
  // Still live.
  const guest = await newcomer(unique("guest"));
  const link = await page.getByRole("link", { name: /^paged 1 / }).getAttribute("href");
  await enter(guest, link);
  await page.getByRole("link", { name: /^paged 1 .*1 here/ }).waitFor();
});
