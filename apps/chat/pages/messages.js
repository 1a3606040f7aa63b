// The log of a room: messages in order, by day, each once.
import { avatar, element } from "./dom.js";
import { linkify } from "./links.js";
import { dayName, dayOf, fullDate, timeOfDay, untilMidnight } from "./time.js";

/** Messages of one person within this time stand together. */
const together = 5 * 60_000;
/** Closer to the end than this, the reader follows the conversation. */
const nearEnd = 80;

export class MessageLog {
  #log;
  #history;
  #me;
  #items = new Map(); // message id -> {message, date, node}

  /** @param log scrolls @param history the list within it @param me the user whose messages are marked */
  constructor(log, history, me) {
    this.#log = log;
    this.#history = history;
    this.#me = me;
    const renameDays = () => {
      for (const { date, node } of this.#items.values()) {
        node.querySelector(".day")?.firstChild.replaceChildren(dayName(date));
      }
      setTimeout(renameDays, untilMidnight() + 1000);
    };
    setTimeout(renameDays, untilMidnight() + 1000);
  }

  has(id) {
    return this.#items.has(id);
  }

  get oldest() {
    return this.#items.size ? Math.min(...this.#items.keys()) : null;
  }

  get newest() {
    return this.#items.size ? Math.max(...this.#items.keys()) : 0;
  }

  get atEnd() {
    return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < nearEnd;
  }

  scrollToEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  /** Changes the log through `change`; what the reader looks at stays where it is. */
  keepPlace(change) {
    const following = this.atEnd;
    const top = this.#log.getBoundingClientRect().top;
    const anchor = [...this.#history.children].find((node) => node.getBoundingClientRect().bottom > top);
    const before = anchor?.getBoundingClientRect().bottom;
    change();
    if (following) this.scrollToEnd();
    else if (anchor?.isConnected) this.#log.scrollTop += anchor.getBoundingClientRect().bottom - before;
  }

  /** Adds messages, in any order; returns those that are new here, oldest first. */
  add(messages) {
    const fresh = messages.filter((message) => !this.has(message.id)).sort((a, b) => a.id - b.id);
    this.keepPlace(() => fresh.forEach((message) => this.#insert(message)));
    return fresh;
  }

  update(message) {
    const item = this.#items.get(message.id);
    if (!item) return;
    item.message = message;
    this.keepPlace(() => item.node.querySelector(".text").replaceChildren(...linkify(message.text)));
  }

  remove(id) {
    const item = this.#items.get(id);
    if (!item) return;
    this.#items.delete(id);
    this.keepPlace(() => {
      const next = item.node.nextElementSibling;
      item.node.remove();
      this.#place(next);
    });
  }

  #insert(message) {
    const date = new Date(message.created_at);
    const node = this.#render(message, date);
    this.#items.set(message.id, { message, date, node });
    let next = null; // most messages go to the end or to the beginning
    if (this.#history.firstElementChild && message.id < this.#idOf(this.#history.firstElementChild)) {
      next = this.#history.firstElementChild;
    } else {
      let last = this.#history.lastElementChild;
      for (; last && this.#idOf(last) > message.id; last = last.previousElementSibling) next = last;
    }
    this.#history.insertBefore(node, next);
    this.#place(node);
    this.#place(next);
  }

  #idOf(node) {
    return Number(node.dataset.id);
  }

  #render(message, date) {
    const own = message.user.id === this.#me.id;
    return element(
      "li",
      { class: own ? "message own" : "message", "data-id": message.id },
      avatar(message.user),
      element(
        "div",
        // The direction is that of the text: what stands in a bdi is not asked.
        { class: "bubble", dir: "auto" },
        element("p", { class: "author" }, element("bdi", {}, own ? "You" : message.user.username)),
        element("p", { class: "text" }, ...linkify(message.text)),
        element(
          "time",
          { datetime: message.created_at, title: fullDate(date) },
          element("bdi", {}, timeOfDay(date)),
        ),
      ),
    );
  }

  /** What a message shows depends on the one before it: the day, and whether its author spoke last. */
  #place(node) {
    if (!node) return;
    const { message, date } = this.#items.get(this.#idOf(node));
    const before = node.previousElementSibling && this.#items.get(this.#idOf(node.previousElementSibling));
    const sameDay = before && dayOf(before.date) === dayOf(date);
    const continues = sameDay && before.message.user.id === message.user.id && date - before.date < together;
    node.classList.toggle("continues", Boolean(continues));
    node.querySelector(".day")?.remove();
    if (!sameDay) node.prepend(element("p", { class: "day" }, element("span", {}, dayName(date))));
  }
}
