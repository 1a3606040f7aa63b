import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import {
  Server,
  createRoom,
  desktop,
  enter,
  faint,
  field,
  inRoom,
  launch,
  messages,
  open,
  password,
  people,
  person,
  phone,
  readmeScreenshot,
  say,
  sayMany,
  screenshots,
  sees,
  seesPeople,
  shown,
  texts,
} from "./support.js";

let server;
let browsers;
const opened = [];
let counter = 0;

before(async () => {
  browsers = await Promise.all([launch(), launch()]);
});

after(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
});

/** A new person, in the first or in the second browser. */
async function newcomer(name, which = 0, options = {}) {
  const page = await person(browsers[which], server, name, options);
  opened.push(page);
  return page;
}

async function window(which = 0, options = {}) {
  const page = await open(browsers[which], server, options);
  opened.push(page);
  return page;
}

const unique = (name) => `${name} ${++counter}`;

afterEach(async () => {
  const problems = opened.flatMap((page) => page.problems);
  await Promise.all(opened.splice(0).map((page) => page.context().close()));
  assert.deepEqual(problems, []);
});

describe("with one server", () => {
  before(async () => {
    server = await new Server().start();
  });
  after(() => server.close());

  test("two browsers chat, see each other arrive and leave, and find their history again", async () => {
    const ann = await newcomer("ann");
    const bob = await newcomer("bob", 1);
    await bob.locator("#rooms[aria-busy=false]").waitFor({ state: "attached" });

    const room = await createRoom(ann, "Weekend hike");
    // The list of rooms is live.
    await bob.getByRole("link", { name: /Weekend hike/ }).click();
    await inRoom(bob);
    await seesPeople(ann, "ann", "bob");
    await seesPeople(bob, "ann", "bob");

    await say(ann, "Who is in for Saturday?");
    await sees(bob, "Who is in for Saturday?");
    await say(bob, "I am.");
    await sees(ann, "I am.");

    assert.equal(await ann.locator(".own .text").textContent(), "Who is in for Saturday?");
    assert.equal(await bob.locator(".own .text").textContent(), "I am.");
    assert.equal(await bob.locator(".message:not(.own) .author").textContent(), "ann");

    await bob.reload();
    await inRoom(bob);
    assert.deepEqual(await texts(bob), ["Who is in for Saturday?", "I am."]);

    await bob.close();
    await seesPeople(ann, "ann");
    await enter(ann, room);
    assert.deepEqual(await texts(ann), ["Who is in for Saturday?", "I am."]);
  });

  test("someone with two windows leaves when the last is closed", async () => {
    const host = await newcomer(unique("host"));
    const guest = await newcomer("twice", 1);
    const room = await createRoom(host, unique("doors"));
    const [hostName] = await people(host);
    await enter(guest, room);
    const second = await guest.context().newPage();
    await enter(second, room);
    await seesPeople(host, hostName, "twice");
    await second.close();
    await say(guest, "still here");
    await sees(host, "still here");
    assert.deepEqual(await people(host), [hostName, "twice"].sort((a, b) => a.localeCompare(b)));
    await guest.close();
    await seesPeople(host, hostName);
  });

  test("older messages load on scrolling up, and the reader's place is kept", async () => {
    const page = await newcomer(unique("reader"));
    const room = await createRoom(page, unique("long talk"));
    await sayMany(page, Number(room.split("/")[2]), 130);
    await enter(page, room);
    await sees(page, "number 130");
    assert.ok((await messages(page).count()) < 130);

    // Wherever a page of older messages comes in, the message at the top stays where it is.
    const log = page.locator("#log");
    const moved = await log.evaluate(
      (node) =>
        new Promise((resolve) => {
          const first = node.querySelector(".message");
          node.scrollTop = 120;
          const place = first.getBoundingClientRect().bottom;
          new MutationObserver((_, observer) => {
            if (first === node.querySelector(".message")) return;
            observer.disconnect();
            requestAnimationFrame(() => resolve(Math.abs(first.getBoundingClientRect().bottom - place)));
          }).observe(node, { childList: true, subtree: true });
        }),
    );
    assert.ok(moved <= 2, `moved by ${moved} pixels`);

    while (!(await page.getByText("This is where it began.").isVisible())) {
      const before = await messages(page).count();
      await log.evaluate((node) => (node.scrollTop = 0));
      await page.waitForFunction(
        (count) =>
          document.querySelectorAll("#history .text").length > count ||
          /began/.test(document.querySelector("#edge").textContent),
        before,
      );
    }
    assert.deepEqual(
      await texts(page),
      Array.from({ length: 130 }, (_, index) => `number ${index + 1}`),
    );

    // News don't pull a reader away from the old messages.
    await log.evaluate((node) => (node.scrollTop = 0));
    await sayMany(page, Number(room.split("/")[2]), 1);
    await shown(page, "number 1").nth(1).waitFor({ state: "attached" });
    assert.ok((await log.evaluate((node) => node.scrollTop)) < 50);
    await page.getByRole("button", { name: "To the latest" }).click();
    await page.locator("#latest").waitFor({ state: "hidden" });
  });

  test("markup and SQL in texts and names are shown as text", async () => {
    const name = `<img src=x onerror=alert(1)>`;
    const evil = await newcomer(name, 1);
    const room = `<b>"bold"</b>'; DROP TABLE chat_room; --`;
    const path = await createRoom(evil, room);
    assert.equal(await evil.getByRole("heading", { level: 1 }).textContent(), room);
    const lines = [
      "<script>alert(1)</script>",
      "'); DELETE FROM chat_message; --",
      `<a href="javascript:alert(1)">x</a> & &amp; \\u0000`,
      "${7*7} {{7*7}} 😀 שלום",
    ];
    for (const line of lines) await say(evil, line);

    const reader = await newcomer(unique("reader"));
    await reader.getByRole("link", { name: room }).waitFor();
    await enter(reader, path);
    assert.deepEqual(await texts(reader), lines);
    assert.equal(await reader.locator(".author").first().textContent(), name);
    assert.equal(await reader.locator("#log :is(script, img, b, a), #people img, h1 b").count(), 0);
  });

  test("a text that runs from right to left does so in its bubble, whatever the name and the time do", async () => {
    const writer = await newcomer(unique("ליאור"));
    const room = await createRoom(writer, unique("directions"));
    const reader = await newcomer(unique("reader"));
    await enter(reader, room);
    const rightToLeft = "שלום לכולם, מה שלומכם היום? ";
    const said = [rightToLeft.repeat(8) + "see https://example.org/birds now", rightToLeft.trim(), "left to right"];
    for (const text of said) await say(writer, text);
    await sees(reader, said[2]);
    for (const page of [writer, reader]) {
      const bubbles = await page.locator("#history .bubble").evaluateAll((nodes) =>
        nodes.map((bubble) => {
          const box = bubble.getBoundingClientRect();
          const lastLine = (selector) => {
            const range = document.createRange();
            range.selectNodeContents(bubble.querySelector(selector));
            return [...range.getClientRects()].at(-1);
          };
          const side = (line) => (line.left - box.left > box.right - line.right ? "right" : "left");
          const [text, time] = [lastLine(".text"), lastLine("time")];
          const apart = time.right + 8 <= text.left || text.right + 8 <= time.left || text.bottom - 8 <= time.top;
          return [side(text), side(time), apart, getComputedStyle(bubble.querySelector(".author")).direction];
        }),
      );
      assert.deepEqual(bubbles, [
        ["right", "left", true, "rtl"],
        ["right", "left", true, "rtl"],
        ["left", "right", true, "ltr"],
      ]);
    }
  });

  test("everything written stands out from its ground, in light and dark", async () => {
    const other = await newcomer(unique("other"));
    const room = await createRoom(other, unique("colours"));
    await say(other, "See https://example.org");
    for (const colorScheme of ["light", "dark"]) {
      const page = await newcomer(unique("reader"), 1, { colorScheme, reducedMotion: "reduce" });
      await enter(page, room);
      await say(page, "See https://example.org");
      await field(page).fill("x".repeat(501));
      assert.deepEqual(await faint(page), [], `in a room, ${colorScheme}`);
      await page.goto("/");
      await page.locator("#rooms a").first().waitFor();
      assert.deepEqual(await faint(page), [], `in the list of rooms, ${colorScheme}`);
      await page.goto("/login");
      assert.deepEqual(await faint(page), [], `at the login, ${colorScheme}`);
    }
  });

  test("how much room a message has left is told, and one that is too long is not sent", async () => {
    const page = await newcomer(unique("writer"));
    await createRoom(page, unique("lengths"));
    const told = page.locator("#remaining");
    const send = page.getByRole("button", { name: "Send" });
    for (const [length, text, enabled] of [
      [399, "", true],
      [400, "100 characters left", true],
      [499, "1 character left", true],
      [500, "0 characters left", true],
      [501, "1 character too many", false],
      [600, "100 characters too many", false],
    ]) {
      await field(page).fill("😀".repeat(length));
      assert.equal(await told.textContent(), text);
      assert.equal(await send.isEnabled(), enabled, `${length} characters`);
    }
    await field(page).press("Enter");
    assert.equal(await field(page).inputValue(), "😀".repeat(600));
  });

  test("links are made of web addresses only, and tell the other site nothing", async () => {
    const page = await newcomer(unique("linker"));
    await createRoom(page, unique("links"));
    await say(page, "See https://example.org/a_(b)?c=1&d=2, (http://example.org) javascript:alert(1) ftp://example.org");
    const links = page.locator("#history a");
    assert.deepEqual(
      await links.evaluateAll((nodes) => nodes.map((node) => node.getAttribute("href"))),
      ["https://example.org/a_(b)?c=1&d=2", "http://example.org"],
    );
    assert.equal(await links.first().getAttribute("rel"), "noopener noreferrer nofollow");
  });

  test("accounts: a wrong password, a taken name, logging out and in", async () => {
    const name = unique("carol");
    const page = await newcomer(name);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("heading", { name: "Log in" }).waitFor();

    // A page of a room leads to the login, and the login back to the room.
    await page.goto("/rooms/1/");
    await page.waitForURL(/\/login\?next=/);
    await page.getByLabel("User name").fill(name);
    await page.getByLabel("Password").fill("wrong password");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("Unable to log in with provided credentials.").waitFor();
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForURL(/\/rooms\/1\/$/);
    await page.getByRole("button", { name: "Log out" }).click();

    await page.waitForURL(/\/login$/);
    await page.getByRole("link", { name: "Sign up" }).click();
    await page.getByLabel("User name").fill(name);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByText("user with this username already exists.").waitFor();
    assert.equal(await page.getByLabel("User name").getAttribute("aria-invalid"), "true");
  });

  test("the login leads to pages of this site only", async () => {
    const name = unique("dora");
    const first = await newcomer(name);
    for (const next of ["https://example.org/", "//example.org/", "/\\example.org/", "/.//example.org/", "javascript:alert(1)"]) {
      await first.context().clearCookies();
      await first.goto(`/login?next=${encodeURIComponent(next)}`);
      await first.getByLabel("User name").fill(name);
      await first.getByLabel("Password").fill(password);
      const left = first.waitForURL((url) => url.pathname !== "/login");
      await first.getByRole("button", { name: "Log in" }).click();
      await left;
      assert.equal(new URL(first.url()).origin, server.origin, next);
    }
  });

  test("errors of a room's name and of a message stand beside what caused them", async () => {
    const page = await newcomer(unique("host"));
    await page.getByRole("button", { name: "Create" }).click();
    await page.locator("#name-error:visible").waitFor();
    assert.equal(await page.getByLabel("New room").getAttribute("aria-describedby"), "name-error");

    await createRoom(page, unique("limits"));
    await field(page).fill("x".repeat(501));
    assert.ok(await page.getByRole("button", { name: "Send" }).isDisabled());
    await field(page).press("Enter");
    assert.equal(await field(page).inputValue(), "x".repeat(501));
    await say(page, "😀".repeat(500));
    await page.goto("/rooms/999999/");
    await page.getByText("There is no such room.").waitFor();
  });

  test("the keyboard is enough", async () => {
    const page = await window();
    const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent.trim());
    const tabTo = async (name) => {
      for (let steps = 0; steps < 12; ++steps) {
        await page.keyboard.press("Tab");
        if ((await focused()).startsWith(name)) return;
      }
      assert.fail(`the keyboard doesn't reach ${name}`);
    };
    const room = unique("keys");
    await page.goto("/signup");
    await page.keyboard.type(unique("keyboarder")); // the first field has the focus
    await page.keyboard.press("Tab");
    await page.keyboard.type(password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Rooms" }).waitFor();
    await page.locator("#rooms[aria-busy=false]").waitFor({ state: "attached" });
    await tabTo("Skip");
    await tabTo("Log out");
    await page.keyboard.press("Tab");
    await page.keyboard.type(room);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/rooms\/\d+\/$/);
    await inRoom(page);
    await tabTo("Messages");
    await page.keyboard.press("Tab");
    await page.keyboard.type("first line");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("second line");
    await page.keyboard.press("Enter");
    await sees(page, "first line\nsecond line");
    await page.keyboard.type("the focus has stayed");
    await page.keyboard.press("Enter");
    await sees(page, "the focus has stayed");
    const outline = await field(page).evaluate((node) => getComputedStyle(node).outlineStyle);
    assert.notEqual(outline, "none");
  });

  test("everything has a name and a role, on every page", async () => {
    const page = await newcomer(unique("listener"));
    const room = await createRoom(page, unique("a11y"));
    await say(page, "hello");
    for (const path of [room, "/", "/login", "/signup"]) {
      await page.goto(path);
      if (path === room) await inRoom(page);
      else await page.getByRole("heading", { level: 1 }).waitFor();
      const faults = await page.evaluate(() => {
        const found = [];
        const named = (node) =>
          node.getAttribute("aria-label") || node.labels?.[0]?.textContent.trim() || node.textContent.trim();
        for (const node of document.querySelectorAll("input, textarea, button, a")) {
          if (node.checkVisibility() && !named(node)) found.push(`no name: ${node.outerHTML}`);
        }
        for (const node of document.querySelectorAll("img")) {
          if (!node.hasAttribute("alt")) found.push(`no alt: ${node.outerHTML}`);
        }
        for (const id of [...document.querySelectorAll("[id]")].map((node) => node.id)) {
          if (document.querySelectorAll(`#${CSS.escape(id)}`).length > 1) found.push(`twice: ${id}`);
        }
        for (const node of document.querySelectorAll("[aria-labelledby], [aria-describedby]")) {
          const ids = `${node.getAttribute("aria-labelledby") ?? ""} ${node.getAttribute("aria-describedby") ?? ""}`;
          for (const id of ids.split(" ").filter(Boolean)) {
            if (!document.getElementById(id)) found.push(`refers to nothing: ${id}`);
          }
        }
        if (!document.documentElement.lang) found.push("no language");
        if (!document.title) found.push("no title");
        if (document.querySelectorAll("main").length !== 1) found.push("not one main");
        if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
        return found;
      });
      assert.deepEqual(faults, [], path);
    }
    await enter(page, room);
    assert.equal(await page.getByRole("log", { name: "Messages" }).getAttribute("aria-live"), "polite");
    await page.getByRole("region", { name: "Here now" }).waitFor();
    const time = page.locator("#history time");
    assert.match(await time.getAttribute("datetime"), /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.match(await time.getAttribute("title"), /\d{4}/);
  });

  test("the time is the reader's", async () => {
    const writer = await newcomer(unique("writer"));
    const room = await createRoom(writer, unique("zones"));
    await say(writer, "now");
    const hours = [];
    for (const timezoneId of ["Pacific/Auckland", "America/New_York"]) {
      const reader = await newcomer(unique("reader"), 1, { timezoneId, locale: "en-GB" });
      await enter(reader, room);
      const time = reader.locator("#history time");
      const expected = new Intl.DateTimeFormat("en-GB", { timeZone: timezoneId, hour: "numeric", minute: "2-digit" });
      assert.equal(await time.textContent(), expected.format(new Date(await time.getAttribute("datetime"))));
      hours.push(await time.textContent());
    }
    assert.notEqual(hours[0], hours[1]);
  });

  test("screenshots", async () => {
    const talk = [
      ["Ada", "Morning! Who is in for Saturday?"],
      ["Ada", "The forecast is dry until four."],
      ["Grace", "I am. Train at 8:12 from platform 3?"],
      ["Linus", "Me too. Here is the map: https://example.org/maps/ridge (12 km, 400 m up)"],
      ["Ada", "Lovely. I bring the good thermos."],
      ["Grace", "Then I bring the cake."],
    ];
    const looks = [
      ["Ada", { viewport: desktop, colorScheme: "light" }],
      ["Grace", { viewport: phone, colorScheme: "dark" }],
      ["Linus", { viewport: desktop, colorScheme: "dark" }],
    ];
    const pages = {};
    for (const [index, [name, options]] of looks.entries()) pages[name] = await newcomer(name, index % 2, options);
    const room = await createRoom(pages.Ada, "A walk on Saturday");
    for (const name of ["Grace", "Linus"]) await enter(pages[name], room);
    for (const [name, text] of talk) await say(pages[name], text);
    const lightPhone = await newcomer("Barbara", 1, { viewport: phone, colorScheme: "light" });
    await enter(lightPhone, room);
    const all = { ...pages, Barbara: lightPhone };
    for (const page of Object.values(all)) {
      await seesPeople(page, "Ada", "Grace", "Linus", "Barbara");
      await sees(page, talk.at(-1)[1]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `wider than the window by ${overflow} pixels`);
    }
    const shot = (page, name) => page.screenshot({ path: `${screenshots}/${name}.png` });
    await shot(all.Ada, "room-desktop-light");
    await shot(all.Linus, "room-desktop-dark");
    await shot(all.Barbara, "room-phone-light");
    await shot(all.Grace, "room-phone-dark");
    if (readmeScreenshot) {
      mkdirSync(dirname(readmeScreenshot), { recursive: true });
      await all.Ada.screenshot({ path: readmeScreenshot });
    }
    for (const [page, name] of [
      [all.Linus, "desktop-dark"],
      [all.Barbara, "phone-light"],
    ]) {
      await page.goto("/");
      await page.getByRole("link", { name: /A walk on Saturday/ }).waitFor();
      await shot(page, `rooms-${name}`);
      await page.goto("/login");
      await page.getByRole("heading", { name: "Log in" }).waitFor();
      await shot(page, `login-${name}`);
    }
  });
});

describe("when the server dies", () => {
  before(async () => {
    server = await new Server().start();
  });
  after(() => server.close());

  test("what was shown as sent is kept, and the pages recover by themselves", async () => {
    const ann = await newcomer("ann");
    const bob = await newcomer("bob", 1);
    const room = await createRoom(ann, "Crash");
    await enter(bob, room);
    const pages = [ann, bob];
    for (const page of pages) await page.evaluate(() => (window.neverReloaded = true));

    const sent = [];
    for (let index = 0; index < 10; ++index) {
      sent.push(`message ${index}`);
      await say(pages[index % 2], sent.at(-1));
    }
    await server.kill();
    for (const page of pages) await page.getByText(/^Offline/).waitFor();
    await field(ann).fill("a draft\nof two lines");
    await field(bob).fill("written while offline");
    await field(bob).press("Enter");
    await bob.getByText("Waiting for the connection").waitFor();
    await bob.screenshot({ path: `${screenshots}/offline-desktop-light.png` });

    await server.start();
    for (const page of pages) {
      await inRoom(page);
      await sees(page, "written while offline");
      await page.getByText(/^Offline/).waitFor({ state: "hidden" });
      await seesPeople(page, "ann", "bob");
      assert.deepEqual(await texts(page), [...sent, "written while offline"]);
      assert.ok(await page.evaluate(() => window.neverReloaded));
    }
    assert.equal(await field(ann).inputValue(), "a draft\nof two lines");
    await field(ann).press("Enter");
    await sees(bob, "a draft\nof two lines");
    await say(bob, "welcome back");
    await sees(ann, "welcome back");
  });

  test("what was missed is fetched, however much it was", async () => {
    const here = await newcomer(unique("here"));
    const away = await newcomer(unique("away"), 1);
    const room = await createRoom(here, unique("missed"));
    await enter(away, room);
    await say(here, "before");
    await sees(away, "before");

    await away.context().setOffline(true);
    await away.evaluate(() => dispatchEvent(new Event("offline")));
    await away.getByText(/^Offline/).waitFor();
    await sayMany(here, Number(room.split("/")[2]), 120);
    await away.context().setOffline(false);
    // The newest may be here before the rest is fetched: the page subscribes before it catches up.
    await messages(away).nth(120).waitFor();
    assert.deepEqual(await texts(away), ["before", ...Array.from({ length: 120 }, (_, index) => `number ${index + 1}`)]);
  });

  test("a message without an answer is neither lost nor doubled", async () => {
    // The connection breaks right after a message: at times before, at times after it was stored.
    const page = await newcomer(unique("sender"));
    await page.addInitScript(() => {
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (text) {
        const { message } = JSON.parse(text);
        if (window.breakBefore && message) return this.close();
        send.call(this, text);
        if (window.breakAfter && message) this.onmessage = () => this.close();
      };
    });
    await createRoom(page, unique("breaks"));

    await page.evaluate(() => (window.breakBefore = true));
    await field(page).fill("not stored");
    await field(page).press("Enter");
    await page.getByText("Not sent.").waitFor();
    await page.evaluate(() => (window.breakBefore = false));
    await inRoom(page);
    assert.deepEqual(await texts(page), []);

    // It survives a reload, and is sent once it is asked to.
    await page.reload();
    await inRoom(page);
    await page.getByText("Not sent.").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await sees(page, "not stored");

    await page.evaluate(() => (window.breakAfter = true));
    await field(page).fill("stored");
    await field(page).press("Enter");
    await page.locator("html[data-connection=offline]").waitFor();
    await page.evaluate(() => (window.breakAfter = false));
    await sees(page, "stored");
    await page.locator("#outbox > *").first().waitFor({ state: "detached" });
    assert.deepEqual(await texts(page), ["not stored", "stored"]);
  });

  test("a login that ended in the meantime leads to the login", async () => {
    const page = await newcomer(unique("leaver"));
    await createRoom(page, unique("ended"));
    await page.context().clearCookies();
    await server.kill();
    await page.getByText(/^Offline/).waitFor();
    await server.start();
    await page.waitForURL(/\/login\?next=/);
  });
});
