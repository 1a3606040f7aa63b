// The messages that are on their way: none is lost, and none is sent twice without being asked to.
import { Refused } from "./api.js";
import { element, sentences } from "./dom.js";

const labels = { waiting: "Waiting for the connection", sending: "Sending …", unsent: "Not sent." };

/**
 * An entry is `waiting` (for the connection), `sending` (on the wire) or `unsent` (the connection
 * broke before the reply, or the server refused). One that was on the wire may have arrived
 * although its reply did not: `arrived` recognizes it among the messages that were missed.
 * Entries are kept in the tab's storage, so that a reload does not lose them.
 */
export class Outbox {
  #list;
  #key;
  #send;
  #confirmed;
  #newest;
  #entries = [];
  #nodes = new Map(); // entry -> <li>

  /**
   * @param list       element that shows the entries
   * @param key        place in the tab's storage
   * @param send       (text) -> promise of the message; rejects when refused or disconnected
   * @param confirmed  called with each message that the server accepted
   * @param newest     () -> id of the newest message known
   */
  constructor({ list, key, send, confirmed, newest }) {
    this.#list = list;
    this.#key = key;
    this.#send = send;
    this.#confirmed = confirmed;
    this.#newest = newest;
    for (const entry of JSON.parse(sessionStorage.getItem(key) ?? "[]")) {
      // Whether another tab has the same entries is unknown, so nothing is sent without being asked to.
      this.#put({ ...entry, state: "unsent", tried: entry.tried || entry.state === "sending" });
    }
  }

  /** Takes a text; it is on its way once `flush` is called. */
  add(text) {
    this.#put({ text, state: "waiting", tried: false, after: 0, reason: "" });
  }

  /** Sends what is waiting. */
  flush() {
    for (const entry of [...this.#entries]) if (entry.state === "waiting") this.#transmit(entry);
  }

  /** A message of this user that wasn't known here: was it one of the unsent? */
  arrived(message) {
    const entry = this.#entries.find(
      (each) => each.state !== "sending" && each.tried && message.id > each.after && message.text === each.text,
    );
    if (entry) this.#done(entry, message);
  }

  async #transmit(entry) {
    Object.assign(entry, { state: "sending", tried: true, after: this.#newest(), reason: "" });
    this.#show(entry);
    try {
      const message = await this.#send(entry.text);
      this.#done(entry, message);
      this.#confirmed(message);
    } catch (error) {
      const refused = error instanceof Refused;
      Object.assign(entry, { state: "unsent", tried: !refused });
      if (refused) entry.reason = sentences(error.errors).join(" ");
      this.#show(entry);
    }
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
      entry.state = "waiting";
      this.#show(entry);
      this.#list.dispatchEvent(new Event("retry"));
    });
    const discard = element("button", { type: "button" }, "Discard");
    discard.addEventListener("click", () => this.#drop(entry));

    const node = element(
      "li",
      { class: `message own ${entry.state}` },
      element(
        "div",
        { class: "bubble", dir: "auto" },
        element("p", { class: "text" }, entry.text),
        element("p", { class: "state" }, element("bdi", {}, labels[entry.state], entry.reason && ` ${entry.reason}`)),
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
    if (this.#entries.length) sessionStorage.setItem(this.#key, JSON.stringify(this.#entries));
    else sessionStorage.removeItem(this.#key);
  }
}
