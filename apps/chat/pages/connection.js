// Tells the reader when the page is offline, and when it will try again.
import { element } from "./dom.js";

/** Short interruptions stay unmentioned. */
const grace = 700;

export function showConnection(socket, notice) {
  const text = element("span");
  const now = element("button", { type: "button", class: "quiet" }, "Try now");
  now.addEventListener("click", () => socket.wake());
  let appear = null;
  let tick = null;

  socket.addEventListener("offline", ({ detail: next }) => {
    appear ??= setTimeout(() => {
      notice.replaceChildren(text, " ", now);
      notice.hidden = false;
    }, grace);
    clearInterval(tick);
    const show = () => {
      const seconds = Math.ceil((next - Date.now()) / 1000);
      text.textContent = next && seconds > 1 ? "Offline. Trying again soon." : "Offline. Connecting …";
    };
    show();
    tick = setInterval(show, 1000);
    document.documentElement.dataset.connection = "offline";
  });
  socket.addEventListener("online", () => {
    clearTimeout(appear);
    clearInterval(tick);
    appear = null;
    notice.hidden = true;
    document.documentElement.dataset.connection = "online";
  });
}
