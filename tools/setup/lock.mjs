// One set-up at a time in one clone: `npm start` beside `npm test`, or two terminals. Whoever comes second waits.

import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const heartbeatMillis = 2_000;
const abandonedAfterMillis = 20_000;
const lookAgainMillis = 100;

/**
 * Runs the work while holding the lock of this folder, which is made when it is not there.
 *
 * @param {string} folder
 * @param {() => Promise<void>} work
 */
export async function withLock(folder, work) {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, "setup.lock");
  const mine = JSON.stringify({ id: randomUUID(), pid: process.pid, host: hostname() });
  for (let told = false; !take(lock, mine);) {
    const holder = read(lock);
    if (holder === undefined) continue;
    if (isAbandoned(lock, holder)) {
      breakLock(lock, holder);
      continue;
    }
    if (!told) process.stderr.write(`setup: another one is at work (pid ${JSON.parse(holder).pid}), waiting\n`);
    told = true;
    await delay(lookAgainMillis);
  }
  const heartbeat = setInterval(() => touch(lock), heartbeatMillis);
  try {
    await work();
  } finally {
    clearInterval(heartbeat);
    if (read(lock) === mine) rmSync(lock, { force: true });
  }
}

/**
 * Puts the lock there whole, so that nobody reads half of it.
 *
 * @param {string} lock
 * @param {string} mine
 */
function take(lock, mine) {
  const draft = `${lock}.${process.pid}`;
  writeFileSync(draft, mine);
  try {
    linkSync(draft, lock);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST") return false;
    throw thrown;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * A holder is gone when its process is, or when it has not touched the lock for long (another machine or container,
 * where its pid means nothing here).
 *
 * @param {string} lock
 * @param {string} holder
 */
function isAbandoned(lock, holder) {
  const { pid, host } = JSON.parse(holder);
  if (host === hostname() && !isAlive(pid)) return true;
  const touched = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  return touched !== undefined && Date.now() - touched > abandonedAfterMillis;
}

/**
 * Only one of several can rename it away. Should it be a newer lock than the one judged, it is put back.
 *
 * @param {string} lock
 * @param {string} holder
 */
function breakLock(lock, holder) {
  const aside = `${lock}.${process.pid}.abandoned`;
  try {
    renameSync(lock, aside);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return;
    throw thrown;
  }
  if (read(aside) === holder) rmSync(aside, { force: true });
  else renameSync(aside, lock);
}

/** @param {string} lock */
function touch(lock) {
  const now = new Date();
  try {
    utimesSync(lock, now, now);
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT") throw thrown;
  }
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return codeOf(thrown) === "EPERM"; // Somebody else's, but there.
  }
}

/** @param {unknown} thrown */
function codeOf(thrown) {
  return /** @type {{ code?: string }} */ (thrown).code;
}
