// Names in the order that people expect: user 2 before user 10, capitals beside small letters.
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export const byName = (a, b) => collator.compare(a.username, b.username) || a.id - b.id;
