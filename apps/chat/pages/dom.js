// Makes elements. Text always enters the page as text nodes, never as markup.

/** An element with attributes (false and null are left out) and children: nodes or text. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export const byId = (id) => document.getElementById(id);

/** A round sign for a user: the first letter, in a colour of their own. */
export function avatar(user) {
  const [letter = "?"] = user.username;
  const node = element("span", { class: "avatar", "aria-hidden": "true" }, letter.toUpperCase());
  node.style.setProperty("--hue", (user.id * 137) % 360);
  return node;
}

/** Shows a text in a place that is hidden while it has none. */
export function say(node, text = "") {
  node.textContent = text;
  node.hidden = !text;
}

/** The sentences in an error of the server, whatever its shape: text, list or object of these. */
export function sentences(error) {
  if (typeof error === "string") return [error];
  return Object.values(error ?? {}).flatMap(sentences);
}

/**
 * Shows the server's errors of a form: {field: [text, …], …}, or a list of such objects and texts.
 * What belongs to no input is returned as one text.
 */
export function showErrors(form, errors) {
  const byField = {};
  for (const error of [errors].flat()) {
    Object.assign(byField, typeof error === "string" ? { "": error } : error);
  }
  for (const input of form.querySelectorAll("input")) {
    const place = byId(`${input.id}-error`);
    say(place, sentences(byField[input.name]).join(" "));
    delete byField[input.name];
    input.setAttribute("aria-invalid", !place.hidden);
    if (place.hidden) input.removeAttribute("aria-describedby");
    else input.setAttribute("aria-describedby", place.id);
  }
  form.querySelector("[aria-invalid=true]")?.focus();
  return sentences(byField).join(" ");
}
