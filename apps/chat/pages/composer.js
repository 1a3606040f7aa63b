// The field in which messages are written.
const longest = 500;
const almostNone = 100;

const count = (number) => (number === 1 ? "1 character" : `${number} characters`);

/** Works from the first moment on, before it is known who writes. `submit(text)` gets each message. */
export class Composer {
  #form;
  #field;
  #button;
  #remaining;
  #key = null;

  constructor({ form, remaining, submit }) {
    this.#form = form;
    this.#field = form.elements.text;
    this.#button = form.querySelector("[type=submit]");
    this.#remaining = remaining;
    this.#field.addEventListener("input", () => this.#changed());
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#button.disabled) return;
      submit(this.#field.value.trim());
      this.#field.value = "";
      this.#changed();
      this.#field.focus();
    });
    this.#changed();
    // Not where a finger writes: its keyboard would come up unasked.
    if (document.activeElement === document.body && matchMedia("(pointer: fine)").matches) this.#field.focus();
  }

  /** Keeps what is being written in the tab's storage from now on, and gets back what is there. */
  keepUnder(key) {
    this.#key = key;
    this.#field.value ||= sessionStorage.getItem(key) ?? "";
    this.#changed();
  }

  hide() {
    this.#form.hidden = true;
  }

  #changed() {
    // The form is as high as this copy of the text, see chat.css; measuring would move the log.
    this.#field.parentElement.dataset.text = this.#field.value;
    const length = [...this.#field.value.trim()].length; // the server counts characters, not UTF-16 units
    const left = longest - length;
    this.#remaining.textContent =
      left < 0 ? `${count(-left)} too many` : left <= almostNone ? `${count(left)} left` : "";
    this.#remaining.classList.toggle("too-long", left < 0);
    this.#button.disabled = left < 0 || left === longest;
    if (this.#key === null) return;
    if (this.#field.value) sessionStorage.setItem(this.#key, this.#field.value);
    else sessionStorage.removeItem(this.#key);
  }
}
