// The log is one stop of the tab key: the arrow keys walk from message to message, and the links of the
// message that has the focus are the next stops.

export function walkMessages(log, history) {
  let current = null;

  const setStops = (message, tabindex) => {
    for (const link of message?.querySelectorAll("a") ?? []) link.tabIndex = tabindex;
  };
  const lastInSight = () => {
    const bottom = log.getBoundingClientRect().bottom;
    return [...history.children].findLast((node) => node.getBoundingClientRect().top < bottom);
  };

  log.addEventListener("focusin", ({ target }) => {
    const next = target.closest(".message");
    if (next === current) return;
    setStops(current, -1);
    setStops(next, 0);
    current = next;
  });
  log.addEventListener("keydown", (event) => {
    if (!["ArrowUp", "ArrowDown"].includes(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    const from = event.target.closest("#history > .message");
    const next = !from
      ? event.key === "ArrowUp" && event.target === log && lastInSight()
      : event.key === "ArrowUp"
        ? from.previousElementSibling
        : from.nextElementSibling;
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  });
}
