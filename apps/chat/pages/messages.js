// The log of a room: messages in order, by day, each once.
import { avatar, element } from "./dom.js";
import { linkify } from "./links.js";
import { dayName, dayOf, fullDate, timeOfDay, untilMidnight } from "./time.js";

/** Messages of one person within this time stand together. */
const together = 5 * 60_000;
/** Closer to the end than this, the reader is at the end. */
const nearEnd = 80;

/**
 * Who is at the end follows the conversation: the log stays at its end, whatever is added and however
 * its size changes. For all others, what they look at stays where it is.
 */
export class MessageLog {
  #log;
  #history;
  #me;
  #items = new Map(); // message id -> {message, date, node}
  #following = true;
  #mayFollow = true;
  // The place and the sizes that were last seen: what a scroll event is compared with.
  #seen = { top: 0, height: 0, view: 0 };

  /** @param log scrolls @param history the list within it @param me the user whose messages are marked */
  constructor(log, history, me) {
    this.#log = log;
    this.#history = history;
    this.#me = me;
    log.addEventListener("scroll", () => this.#scrolled());
    const resized = new ResizeObserver(() => this.#following && this.scrollToEnd());
    resized.observe(log);
    resized.observe(log.firstElementChild);
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

  get size() {
    return this.#items.size;
  }

  /** Ids of messages; 0 if there are none. */
  get oldest() {
    return this.#idOf(this.#history.firstElementChild);
  }

  get newest() {
    return this.#idOf(this.#history.lastElementChild);
  }

  get following() {
    return this.#following;
  }

  /** Whether the end of the log is that of the conversation. */
  set mayFollow(may) {
    this.#mayFollow = may;
    this.#following &&= may;
  }

  get atEnd() {
    return this.#following || this.#toEnd < nearEnd;
  }

  /** From what the reader sees to the ends of the log, in pixels. */
  get distances() {
    return { top: this.#log.scrollTop, bottom: this.#toEnd };
  }

  scrollToEnd() {
    this.#following = this.#mayFollow;
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#look();
  }

  /** Adds messages, in any order; returns those that are new here, oldest first. */
  add(messages) {
    const fresh = messages.filter((message) => !this.has(message.id)).sort((a, b) => a.id - b.id);
    const first = this.size ? this.oldest : Infinity;
    const older = fresh.filter((message) => message.id < first);
    const newer = fresh.slice(older.length);
    if (older.length) {
      this.#holdingEnd(() => {
        for (const message of older.reverse()) this.#insert(message, this.#history.firstElementChild);
      });
    }
    for (const message of newer) {
      let next = null; // most go to the end
      let last = this.#history.lastElementChild;
      for (; last && this.#idOf(last) > message.id; last = last.previousElementSibling) next = last;
      this.#insert(message, next);
    }
    if (this.#following) this.scrollToEnd();
    return fresh;
  }

  update(message) {
    const item = this.#items.get(message.id);
    if (!item) return;
    item.message = message;
    this.#holdingPlace(() => item.node.querySelector(".text").replaceChildren(...linkify(message.text)));
  }

  remove(id) {
    const item = this.#items.get(id);
    if (!item) return;
    this.#holdingPlace(() => {
      const next = item.node.nextElementSibling;
      this.#drop(item.node);
      this.#place(next);
    });
  }

  clear() {
    this.#items.clear();
    this.#history.replaceChildren();
  }

  /** Takes the oldest away until so many are left. */
  keepNewest(count) {
    if (this.size <= count) return;
    this.#holdingEnd(() => {
      while (this.size > count) this.#drop(this.#history.firstElementChild);
      this.#place(this.#history.firstElementChild);
    });
  }

  /** Takes the newest away until so many are left. */
  keepOldest(count) {
    while (this.size > count) this.#drop(this.#history.lastElementChild);
  }

  get #toEnd() {
    return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight;
  }

  #look() {
    this.#seen = { top: this.#log.scrollTop, height: this.#log.scrollHeight, view: this.#log.clientHeight };
  }

  // A log that grew or shrank scrolls, too; only the reader ends the following, by going up.
  #scrolled() {
    const { top, height, view } = this.#seen;
    const resized = this.#log.scrollHeight !== height || this.#log.clientHeight !== view;
    if (this.#following && resized) return this.scrollToEnd();
    if (this.#log.scrollTop < top) this.#following = this.#toEnd < 2;
    else if (this.#log.scrollTop > top) this.#following ||= this.#mayFollow && this.#toEnd < nearEnd;
    this.#look();
  }

  /** Changes what is above of what the reader looks at. */
  #holdingEnd(change) {
    const rest = this.#following ? 0 : this.#log.scrollHeight - this.#log.scrollTop;
    change();
    if (this.#following) return this.scrollToEnd();
    this.#log.scrollTop = this.#log.scrollHeight - rest;
    this.#look();
  }

  /** Changes one message, wherever it is. */
  #holdingPlace(change) {
    if (this.#following) {
      change();
      return this.scrollToEnd();
    }
    const top = this.#log.getBoundingClientRect().top;
    const anchor = [...this.#history.children].find((node) => node.getBoundingClientRect().bottom > top);
    const before = anchor?.getBoundingClientRect().bottom;
    change();
    if (anchor?.isConnected) this.#log.scrollTop += anchor.getBoundingClientRect().bottom - before;
    this.#look();
  }

  #insert(message, next) {
    const date = new Date(message.created_at);
    const node = this.#render(message, date);
    this.#items.set(message.id, { message, date, node });
    this.#history.insertBefore(node, next);
    this.#place(node);
    this.#place(next);
  }

  #drop(node) {
    this.#items.delete(this.#idOf(node));
    node.remove();
  }

  #idOf(node) {
    return Number(node?.dataset.id ?? 0);
  }

  #render(message, date) {
    const own = message.user.id === this.#me.id;
    return element(
      "li",
      { class: own ? "message own" : "message", "data-id": message.id, tabindex: -1 },
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
