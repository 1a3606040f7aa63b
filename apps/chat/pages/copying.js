// What is copied from the log: a line for each message, with its time and author.

const isWithin = (range, node) => {
  const text = node.querySelector(".text");
  return text.contains(range.startContainer) && text.contains(range.endContainer);
};

/** The part of a message's text that is within the range. */
function selectedText(range, text) {
  const part = document.createRange();
  part.selectNodeContents(text);
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  return part.toString();
}

const lineOf = (range, message) => {
  const [author, time] = [message.querySelector(".author"), message.querySelector("time")];
  return `[${time.textContent}] ${author.textContent}: ${selectedText(range, message.querySelector(".text"))}`;
};

/** @param list of messages */
export function copyAsLines(list) {
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(list)) return;
    const messages = [...list.children].filter((node) => range.intersectsNode(node.querySelector(".bubble")));
    if (!messages.length || (messages.length === 1 && isWithin(range, messages[0]))) return;
    const lines = messages.map((message) => lineOf(range, message));
    event.clipboardData.setData("text/plain", lines.join("\n"));
    event.preventDefault();
  });
}
