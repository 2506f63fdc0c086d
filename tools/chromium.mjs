// The browser in which the dashboard is tested and photographed: the system's own, driven by Playwright.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome"];

/** Starts it without a window. As root it has no sandbox to go into; the pages are our own. */
export async function openChromium() {
  return chromium.launch({
    executablePath: pathOf(),
    chromiumSandbox: process.getuid?.() !== 0,
    args: ["--disable-dev-shm-usage", "--force-prefers-reduced-motion"],
  });
}

function pathOf() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
  if (found === undefined) throw new Error("there is no Chromium on PATH: apt-get install -y chromium");
  return found;
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there, or nothing to run.
  }
}
