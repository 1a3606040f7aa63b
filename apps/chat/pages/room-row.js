// One room in the list of rooms.
import { avatar, element } from "./dom.js";

/** @param room {pk, name, host, here: {count, some}} */
export function roomRow({ pk, name, host, here: { count, some } }) {
  const names = some.map((user) => user.username).join(", ");
  const others = count > some.length ? ` and ${count - some.length} more` : "";
  return element(
    "li",
    {},
    element(
      "a",
      { href: `/rooms/${pk}/` },
      element("span", { class: "room-name", dir: "auto" }, name),
      element("span", { class: "room-host" }, "Hosted by ", element("bdi", {}, host.username)),
      element(
        "span",
        { class: "faces", title: names && names + others },
        ...some.map(avatar),
        element("span", { class: count ? "count" : "count none" }, count ? `${count} here` : "Empty"),
      ),
    ),
  );
}
