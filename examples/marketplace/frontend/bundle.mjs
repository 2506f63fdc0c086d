import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { posix } from "node:path";

/** Names a file by what is in it, so that it may be cached for ever. */
function hashedName(name, bytes) {
  const { name: stem, ext } = posix.parse(name);
  return `${stem}-${createHash("sha256").update(bytes).digest("hex").slice(0, 10)}${ext}`;
}

/**
 * Makes the page and its assets out of the sources: style sheets joined in the order of their names, every asset under
 * a hashed name, imports and `asset:` references following. Returns `{ html, assets }`, assets by their name.
 */
export async function bundle(src) {
  const read = (name) => readFile(new URL(name, src), "utf8");
  const assets = new Map();
  const done = new Map();

  const keep = (name, text) => {
    const bytes = Buffer.from(text);
    const hashed = hashedName(name, bytes);
    assets.set(hashed, bytes);
    done.set(name, hashed);
    return hashed;
  };

  /** What a module imports comes first: its own hash covers theirs. */
  async function module(name, path = []) {
    if (done.has(name)) return done.get(name);
    if (path.includes(name)) throw new Error(`a circle of imports: ${[...path, name].join(" → ")}`);
    let text = await read(name);
    for (const [whole, before, imported] of text.matchAll(/^(import\s[^"]*)"\.\/([^"]+)";$/gm)) {
      text = text.replace(whole, `${before}"./${await module(imported, [...path, name])}";`);
    }
    return keep(name, text);
  }

  const sheets = (await readdir(new URL("styles/", src))).filter((name) => name.endsWith(".css")).sort();
  keep("market.css", (await Promise.all(sheets.map((name) => read(`styles/${name}`)))).join("\n"));
  keep("icon.svg", await read("icon.svg"));
  const main = await module("main.mjs");

  const preloads = [...assets.keys()].filter((name) => name.endsWith(".mjs") && name !== main);
  const html = (await read("index.html"))
    .replace(/"asset:([^"]+)"/g, (_whole, name) => {
      if (!done.has(name)) throw new Error(`the page asks for ${name}, which is not among the assets`);
      return `"/assets/${done.get(name)}"`;
    })
    .replace(
      "  </head>",
      `${preloads.map((name) => `    <link rel="modulepreload" href="/assets/${name}" />\n`).join("")}  </head>`,
    );
  return { html, assets };
}
