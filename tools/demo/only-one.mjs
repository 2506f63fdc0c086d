import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** The process that runs the demo of this clone, or null: a second one would take everything away from the first. */
export function otherDemo(file) {
  const pid = Number(readIfThere(file));
  return pid > 0 && pid !== process.pid && isAlive(pid) ? pid : null;
}

/** Writes down that this process runs the demo, until it ends. */
export function beTheDemo(file) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, String(process.pid));
  process.once("exit", () => rmSync(file, { force: true }));
}

function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    if (thrown.code === "ENOENT") return "";
    throw thrown;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown.code === "EPERM"; // Somebody else's, but there.
  }
}
