// Finds web addresses in a text.
import { element } from "./dom.js";

const address = /\bhttps?:\/\/[^\s<>"]+/gi;

/** The punctuation at the end of an address that belongs to the sentence around it. */
function trailing(text) {
  let end = text.length;
  for (; end > 0; --end) {
    const last = text[end - 1];
    if (/[.,;:!?'*_~\]}]/.test(last)) continue;
    const inside = text.slice(0, end);
    if (last === ")" && inside.split(")").length > inside.split("(").length) continue;
    break;
  }
  return text.length - end;
}

/** The text as nodes: http and https addresses become links, all else stays text. */
export function linkify(text) {
  const nodes = [];
  let done = 0;
  for (const match of text.matchAll(address)) {
    const found = match[0].slice(0, match[0].length - trailing(match[0]));
    if (!URL.canParse(found)) continue;
    nodes.push(text.slice(done, match.index));
    // Not a stop of the tab key until its message has the focus, see walking.js.
    nodes.push(
      element("a", { href: found, target: "_blank", rel: "noopener noreferrer nofollow", tabindex: -1 }, found),
    );
    done = match.index + found.length;
  }
  nodes.push(text.slice(done));
  return nodes;
}
