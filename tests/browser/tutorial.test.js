// The page of the tutorial's last part, in a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Server, launch, open } from "./support.js";

async function enter(browser, server, name) {
  const page = await open(browser, server);
  await page.goto("/");
  await page.getByPlaceholder("Name", { exact: true }).fill(name);
  await page.getByPlaceholder("Password").fill("correct horse");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByText("Log out").waitFor();
  return page;
}

test("two people chat", async () => {
  const server = await new Server("dcrf-tutorial-3").start();
  const browser = await launch();
  try {
    const ann = await enter(browser, server, "ann");
    await ann.getByPlaceholder("New room").fill("kitchen");
    await ann.getByRole("button", { name: "Create" }).click();
    await ann.getByRole("heading", { name: "kitchen" }).waitFor();

    const bob = await enter(browser, server, "bob");
    await bob.getByText("kitchen").click();
    await ann.getByText("Here: ann, bob").waitFor();
    await bob.getByPlaceholder("Message").fill("<b>hello</b>");
    await bob.getByRole("button", { name: "Send" }).click();
    await ann.getByText("bob: <b>hello</b>").waitFor();
    await bob.getByText("bob: <b>hello</b>").waitFor();

    await bob.getByRole("button", { name: "Log out" }).click();
    await bob.getByRole("button", { name: "Enter" }).waitFor();
    await ann.getByText("Here: ann", { exact: true }).waitFor();
    assert.deepEqual([...ann.problems, ...bob.problems], []);
  } finally {
    await browser.close();
    await server.close();
  }
});
