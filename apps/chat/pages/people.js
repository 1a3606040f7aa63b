// Who is in the room, by name.
import { avatar, element } from "./dom.js";
import { byName } from "./names.js";

export class People {
  #list;
  #count;
  #me;
  #people = []; // in the order of the list
  #nodes = new Map(); // id -> <li>

  /** @param list shows them @param count says how many @param me the user who looks on */
  constructor(list, count, me) {
    this.#list = list;
    this.#count = count;
    this.#me = me;
  }

  /** These, and nobody else. */
  reset(people) {
    this.#people = [...people].sort(byName);
    this.#nodes = new Map(this.#people.map((person) => [person.id, this.#render(person)]));
    this.#list.replaceChildren(...this.#nodes.values());
    this.#showCount();
  }

  change({ came, went }) {
    for (const id of went) this.#remove(id);
    for (const person of came) this.#insert(person);
    this.#showCount();
  }

  #insert(person) {
    if (this.#nodes.has(person.id)) return;
    let [low, high] = [0, this.#people.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byName(this.#people[middle], person) < 0) low = middle + 1;
      else high = middle;
    }
    const next = this.#people[low];
    const node = this.#render(person);
    this.#people.splice(low, 0, person);
    this.#nodes.set(person.id, node);
    this.#list.insertBefore(node, next ? this.#nodes.get(next.id) : null);
  }

  #remove(id) {
    this.#nodes.get(id)?.remove();
    this.#nodes.delete(id);
    this.#people = this.#people.filter((person) => person.id !== id);
  }

  #render(person) {
    const you = person.id === this.#me.id ? [element("span", { class: "you" }, "you")] : [];
    return element("li", {}, avatar(person), element("bdi", {}, person.username), ...you);
  }

  #showCount() {
    this.#count.textContent = this.#people.length > 1 ? this.#people.length : "";
  }
}
