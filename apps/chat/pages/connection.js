// Tells the reader when the page is offline, and when it will try again.
import { element } from "./dom.js";

/** Short interruptions stay unmentioned. */
const grace = 700;

export class ConnectionNotice {
  #notice;
  #text = element("span");
  #wake = null;
  #appear = null;
  #tick = null;

  /** @param notice is shown while the page is offline @param refocus called if it is gone with the focus */
  constructor(notice, refocus) {
    this.#notice = notice;
    this.refocus = refocus;
    const now = element("button", { type: "button", class: "quiet" }, "Try now");
    now.addEventListener("click", () => this.#wake?.());
    notice.replaceChildren(this.#text, " ", now);
  }

  /** @param next  time of the next attempt; null: it is being made @param wake makes it now */
  offline(next, wake) {
    this.#wake = wake;
    this.#appear ??= setTimeout(() => (this.#notice.hidden = false), grace);
    clearInterval(this.#tick);
    const show = () => {
      const seconds = Math.ceil((next - Date.now()) / 1000);
      this.#text.textContent = next && seconds > 1 ? "Offline. Trying again soon." : "Offline. Connecting …";
    };
    show();
    this.#tick = setInterval(show, 1000);
    document.documentElement.dataset.connection = "offline";
  }

  online() {
    this.#clear();
    document.documentElement.dataset.connection = "online";
  }

  /** There will be no further attempt. */
  end() {
    this.#clear();
  }

  /** Resolves when it is time for another attempt, or when the reader asks for one. */
  wait(delay) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.offline(Date.now() + delay, () => {
        clearTimeout(timer);
        this.offline(null, null);
        resolve();
      });
    });
  }

  follow(socket) {
    socket.addEventListener("offline", ({ detail: next }) => this.offline(next, () => socket.wake()));
    socket.addEventListener("online", () => this.online());
  }

  #clear() {
    clearTimeout(this.#appear);
    clearInterval(this.#tick);
    this.#appear = null;
    if (this.#notice.contains(document.activeElement)) this.refocus();
    this.#notice.hidden = true;
  }
}
