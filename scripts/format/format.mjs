// Compares the form of C++ files with .clang-format, or gives it to them.
//
// usage: find … -print0 | node scripts/format/format.mjs [--fix]
import { readFileSync, writeFileSync } from "node:fs";
import init, { format } from "@wasm-fmt/clang-format";

const fixes = process.argv.includes("--fix");
const style = readFileSync(".clang-format", "utf8");
const files = readFileSync(0, "utf8").split("\0").filter(Boolean);

await init();
for (const file of files) {
  const text = readFileSync(file, "utf8");
  const formed = format(text, file, style);
  if (formed === text) {
    continue;
  }
  if (fixes) {
    writeFileSync(file, formed);
  } else {
    const lines = formed.split("\n");
    const line = text.split("\n").findIndex((x, i) => x !== lines[i]) + 1;
    console.error(`${file}:${line}: not formatted: scripts/check --fix`);
    process.exitCode = 1;
  }
}
