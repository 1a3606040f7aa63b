// The pages to log in and to sign up.
import { Refused, logIn, signUp } from "./api.js";
import { byId, say, showErrors } from "./dom.js";
import { tellTabs } from "./tabs.js";

/** Where to go afterwards: a page of this site, never of another. */
function next() {
  const asked = new URLSearchParams(location.search).get("next") ?? "/";
  if (!URL.canParse(asked, location.origin)) return "/";
  const url = new URL(asked, location.origin);
  return url.origin === location.origin ? url.href : "/";
}

for (const link of document.querySelectorAll("[data-keep-next]")) link.search = location.search;

const form = document.forms[0];
const submit = form.dataset.action === "signup" ? signUp : logIn;
const general = byId("non_field_errors");

// Until here the form would be sent as a form, which the server does not take.
const button = form.querySelector("[type=submit]");
button.disabled = false;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    const user = await submit({ username: form.elements.username.value, password: form.elements.password.value });
    tellTabs(user.id);
    location.assign(next());
  } catch (error) {
    const refused = error instanceof Refused && error.errors;
    say(general, refused ? showErrors(form, error.errors) : "The server can't be reached. Please try again.");
  } finally {
    button.disabled = false;
  }
});
