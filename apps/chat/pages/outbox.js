// The messages that are on their way: none is lost, and none is sent twice without being asked to.
import { Refused } from "./api.js";
import { element, sentences } from "./dom.js";

const labels = { waiting: "Waiting for the connection", sending: "Sending …", unsent: "Not sent." };
/** How often a message is tried that the server can't take now, and how long after the first attempt. */
const attempts = 5;
const firstDelay = 1000;

/**
 * An entry is `waiting` (for the connection, or for a server that can't take it now), `sending` (on the
 * wire) or `unsent` (the connection broke before the reply, or the server refused). One that was on the
 * wire may have arrived although its reply did not: `arrived` recognizes it among the messages that
 * were missed.
 */
export class Outbox {
  #list;
  #send;
  #confirmed;
  #newest;
  #left;
  #key = null;
  #entries = [];
  #nodes = new Map(); // entry -> <li>

  /**
   * @param list       element that shows the entries
   * @param send       (text) -> promise of the message; rejects when refused or disconnected
   * @param confirmed  called with each message that the server accepted
   * @param newest     () -> id of the newest message known
   * @param left       called when an entry is done with by a button that is gone then
   */
  constructor({ list, send, confirmed, newest, left }) {
    this.#list = list;
    this.#send = send;
    this.#confirmed = confirmed;
    this.#newest = newest;
    this.#left = left;
  }

  /** Keeps the entries in the tab's storage from now on, and gets back those that are there. */
  keepUnder(key) {
    const early = this.#entries;
    this.#entries = [];
    this.#key = key;
    for (const entry of JSON.parse(sessionStorage.getItem(key) ?? "[]")) {
      // Whether another tab has the same entries is unknown, so nothing is sent without being asked to.
      this.#put({ ...entry, state: "unsent", tried: entry.tried || entry.state === "sending" });
    }
    early.forEach((entry) => this.#put(entry));
  }

  /** Takes a text; it is on its way once `flush` is called. */
  add(text) {
    this.#put({ text, state: "waiting", tried: false, after: 0, reason: "", attempts: 0, notBefore: 0 });
  }

  /** Whether some may have arrived without a reply. */
  get isUnsure() {
    return this.#entries.some((entry) => entry.tried);
  }

  /** Sends what is waiting. */
  flush() {
    for (const entry of [...this.#entries]) {
      if (entry.state === "waiting" && !(entry.notBefore > Date.now())) this.#transmit(entry);
    }
  }

  /** A message of this user that wasn't known here: was it one of those that had no reply? */
  arrived(message) {
    // One that is being sent gets its own reply.
    if (this.#entries.some((each) => each.state === "sending" && each.text === message.text)) return;
    const entry = this.#entries.find(
      (each) => each.tried && message.id > each.after && message.text === each.text,
    );
    if (entry) this.#done(entry, message);
  }

  async #transmit(entry) {
    Object.assign(entry, { state: "sending", tried: true, after: entry.tried ? entry.after : this.#newest(), reason: "" });
    this.#show(entry);
    try {
      const message = await this.#send(entry.text);
      if (this.#nodes.has(entry)) this.#done(entry, message);
      this.#confirmed(message);
    } catch (error) {
      if (!this.#nodes.has(entry)) return; // it was seen to arrive
      if (error instanceof Refused && error.status === 503) this.#tryLater(entry);
      else this.#giveUp(entry, error);
    }
  }

  /** The server can't take it now, or doesn't know whether it did. */
  #tryLater(entry) {
    entry.attempts += 1;
    if (entry.attempts >= attempts) {
      entry.attempts = 0;
      return this.#giveUp(entry, null);
    }
    const delay = firstDelay * 2 ** (entry.attempts - 1) * (0.75 + Math.random() / 2);
    Object.assign(entry, { state: "waiting", reason: "The server is busy.", notBefore: Date.now() + delay });
    this.#show(entry);
    setTimeout(() => {
      if (entry.state === "waiting") this.#list.dispatchEvent(new Event("retry"));
    }, delay + 1);
  }

  #giveUp(entry, error) {
    const refused = error instanceof Refused;
    Object.assign(entry, { state: "unsent", tried: !refused, reason: refused ? sentences(error.errors).join(" ") : "" });
    this.#show(entry);
  }

  #put(entry) {
    this.#entries.push(entry);
    this.#show(entry);
  }

  #done(entry, message) {
    this.#drop(entry);
    // A message answers for one entry only.
    for (const other of this.#entries) other.after = Math.max(other.after, message.id);
    this.#save();
  }

  #drop(entry) {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#nodes.get(entry).remove();
    this.#nodes.delete(entry);
    this.#save();
  }

  #show(entry) {
    const again = element("button", { type: "button" }, "Try again");
    again.addEventListener("click", () => {
      Object.assign(entry, { state: "waiting", notBefore: 0 });
      this.#show(entry);
      this.#left();
      this.#list.dispatchEvent(new Event("retry"));
    });
    const discard = element("button", { type: "button" }, "Discard");
    discard.addEventListener("click", () => {
      this.#drop(entry);
      this.#left();
    });

    const label = entry.state === "waiting" && entry.reason ? "Trying again soon." : labels[entry.state];
    const node = element(
      "li",
      { class: `message own ${entry.state}` },
      element(
        "div",
        { class: "bubble", dir: "auto" },
        element("p", { class: "text" }, entry.text),
        element("p", { class: "state" }, element("bdi", {}, label, entry.reason && ` ${entry.reason}`)),
        ...(entry.state === "unsent" ? [element("p", { class: "choices" }, again, discard)] : []),
      ),
    );
    const shown = this.#nodes.get(entry);
    if (shown) shown.replaceWith(node);
    else this.#list.append(node);
    this.#nodes.set(entry, node);
    this.#save();
  }

  #save() {
    if (this.#key === null) return;
    if (this.#entries.length) sessionStorage.setItem(this.#key, JSON.stringify(this.#entries));
    else sessionStorage.removeItem(this.#key);
  }
}
