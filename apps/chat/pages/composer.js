// The field in which messages are written.
const longest = 500;
const almostNone = 100;

const count = (number) => (number === 1 ? "1 character" : `${number} characters`);

/** `submit(text)` gets each message; what is being written is kept in the tab's storage under `key`. */
export function setUpComposer({ form, remaining, key, submit }) {
  const field = form.elements.text;
  const button = form.querySelector("[type=submit]");
  const length = () => [...field.value.trim()].length; // the server counts characters, not UTF-16 units

  const changed = () => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
    const left = longest - length();
    remaining.textContent = left < 0 ? `${count(-left)} too many` : left <= almostNone ? `${count(left)} left` : "";
    remaining.classList.toggle("too-long", left < 0);
    button.disabled = left < 0 || left === longest;
    if (field.value) sessionStorage.setItem(key, field.value);
    else sessionStorage.removeItem(key);
  };

  field.value = sessionStorage.getItem(key) ?? "";
  changed();
  field.addEventListener("input", changed);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    submit(field.value.trim());
    field.value = "";
    changed();
    field.focus();
  });
}
