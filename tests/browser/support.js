// Starts the real server and real browsers, and speaks for the people who use them.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
const programs = resolve(root, process.env.DCRF_BIN_DIR ?? "build/release/bin");

export const screenshots = join(root, "build/screenshots");
export const readmeScreenshot = process.env.DCRF_UPDATE_SCREENSHOTS === "1" && join(root, "docs/images/chat.png");

export const desktop = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };
export const password = "correct horse battery";

/** A server on a database file of its own; it can be killed and started again on file and port. */
export class Server {
  #folder = mkdtempSync(join(tmpdir(), "dcrf-browser-"));
  #process = null;
  #program;
  port = 0;

  constructor(name = "dcrf-chat") {
    this.#program = join(programs, name);
  }

  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  async start() {
    const child = spawn(
      this.#program,
      ["--address=127.0.0.1", `--port=${this.port}`, `--database=sqlite://${join(this.#folder, "chat.db")}`],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    this.#process = child;
    for await (const line of createInterface(child.stdout)) {
      const ready = /listening on http:\/\/.*:(\d+)/.exec(line);
      if (!ready) continue;
      this.port = Number(ready[1]);
      child.stdout.resume(); // so that it never waits for a reader
      return this;
    }
    throw new Error(`${this.#program} ended before it was listening`);
  }

  async kill() {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }

  async close() {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A Chromium of its own, with a fresh profile. */
export function launch() {
  mkdirSync(screenshots, { recursive: true });
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A window of a browser, with cookies of its own. What goes wrong in its scripts is collected. */
export async function open(browser, server, options = {}) {
  const context = await browser.newContext({ baseURL: server.origin, viewport: desktop, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(error.stack));
  page.on("dialog", (dialog) => {
    page.problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) page.problems.push(message.text());
  });
  return page;
}

export async function signUp(page, username) {
  await page.goto("/signup");
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("heading", { name: "Rooms" }).waitFor();
}

/** A window in which someone who has just signed up looks at the rooms. */
export async function person(browser, server, username, options) {
  const page = await open(browser, server, options);
  await signUp(page, username);
  return page;
}

/** Creates a room; the page enters it. */
export async function createRoom(page, name) {
  await page.goto("/");
  await page.locator("#rooms[aria-busy=false]").waitFor({ state: "attached" });
  await page.getByLabel("New room").fill(name);
  await page.getByRole("button", { name: "Create" }).click();
  await page.waitForURL(/\/rooms\/\d+\/$/);
  await inRoom(page);
  return new URL(page.url()).pathname;
}

/** Waits until the page is in its room: connected, and its history loaded. */
export async function inRoom(page) {
  await page.locator("html[data-connection=online] #log[aria-busy=false]").waitFor();
  await page.locator(".people .you").waitFor();
}

export async function enter(page, path) {
  await page.goto(path);
  await inRoom(page);
}

export const field = (page) => page.getByRole("textbox", { name: "Message" });

/** The messages that the server has, as shown; those on their way are not among them. */
export const messages = (page) => page.locator("#history .text");

export const shown = (page, text) => messages(page).getByText(text, { exact: true });

/** Writes a message; returns once it is shown as sent. */
export async function say(page, text) {
  const before = await shown(page, text).count();
  await field(page).fill(text);
  await field(page).press("Enter");
  await shown(page, text).nth(before).waitFor();
  await page.locator("#outbox > *").first().waitFor({ state: "detached" });
}

export const sees = (page, text) => shown(page, text).first().waitFor();

export const texts = (page) => messages(page).allTextContents();

/** The names of the people whom a page shows as being here. */
export const people = (page) => page.locator("#people bdi").allTextContents();

export const seesPeople = (page, ...names) =>
  page.waitForFunction(
    (expected) => {
      const here = [...document.querySelectorAll("#people bdi")].map((node) => node.textContent);
      return JSON.stringify(here.sort()) === JSON.stringify(expected);
    },
    names.sort(),
  );

/** What has less contrast to its ground than WCAG's AA asks for (4.5 : 1); disabled controls may. */
export const faint = (page) =>
  page.evaluate(() => {
    const channels = (color) => color.match(/[\d.]+/g).map(Number);
    const luminance = (color) => {
      const [r, g, b] = channels(color).map((value) =>
        value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    // What is not opaque is a tint, as under the mouse.
    const ground = (node) => {
      while (node.parentElement && channels(getComputedStyle(node).backgroundColor)[3] < 1) node = node.parentElement;
      return getComputedStyle(node).backgroundColor;
    };
    const result = [];
    for (const node of document.querySelectorAll("body *")) {
      const written = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
      if (!written || !node.checkVisibility() || node.closest(":disabled")) continue;
      const [dark, light] = [luminance(getComputedStyle(node).color), luminance(ground(node))].sort((a, b) => a - b);
      const contrast = (light + 0.05) / (dark + 0.05);
      if (contrast < 4.5) result.push(`${node.outerHTML.slice(0, 80)}: ${contrast.toFixed(2)}`);
    }
    return result;
  });

/**
 * Sends messages over a WebSocket of the page's own, faster than by typing; so many wait for their
 * answers at once.
 */
export function sayMany(page, pk, count, atOnce = 1) {
  return page.evaluate(
    ([room, total, most]) =>
      new Promise((resolve, reject) => {
        const ws = new WebSocket(`ws://${location.host}/ws/chat/room/`);
        let sent = 0;
        let done = 0;
        const next = () => {
          if (sent === total) return;
          ws.send(JSON.stringify({ action: "create_message", request_id: ++sent, message: `number ${sent}` }));
        };
        ws.onopen = () => {
          ws.send(JSON.stringify({ action: "join_room", request_id: 0, pk: room }));
          for (let i = 0; i < most; ++i) next();
        };
        ws.onmessage = ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.action !== "create_message") return;
          if (frame.response_status !== 201) return reject(new Error(data));
          if (++done < total) return next();
          ws.close();
          resolve();
        };
        ws.onerror = () => reject(new Error("the WebSocket failed"));
      }),
    [pk, count, atOnce],
  );
}

/** The primary key in the path of a room. */
export const pkOf = (room) => Number(room.split("/")[2]);
