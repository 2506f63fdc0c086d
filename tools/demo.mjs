// Shows a commit on its way to production and back, on this machine: what `npm start` runs.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@fairway/api";
import { contractPath, noContracts, openChain } from "./demo/contracts.mjs";
import { fairway, fairwayQuietly } from "./demo/fairway.mjs";
import { freePorts } from "./demo/free-ports.mjs";
import { startLoad } from "./demo/load.mjs";
import { openBrowser } from "./demo/open-browser.mjs";
import { makeReportingRole, rotated } from "./demo/operations.mjs";
import { beTheDemo, otherDemo } from "./demo/only-one.mjs";
import { removeAll } from "./demo/remove.mjs";
import { branchOff, commitOverlay, makeRepository } from "./demo/repository.mjs";
import { chapter, say } from "./demo/say.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const place = join(root, ".fairway", "demo");
const pidFile = join(root, ".fairway", "demo.pid");
const example = join(root, "examples", "marketplace");
const repository = join(place, "marketplace");
const data = join(place, "data");
const endAtOnce = process.argv.includes("--exit");
const asks = Boolean(process.stdin.isTTY && process.stdout.isTTY) && !process.argv.includes("--yes") && !endAtOnce;

class DemoFailed extends Error {}
class PersonLeft extends Error {}

/** The example does what it promises, or the demo fails. */
function must(holds, sentence) {
  if (!holds) throw new DemoFailed(sentence);
}

async function approve() {
  if (asks) {
    say("\nProduction wants a yes from a person, and that is you: choose Yes.");
    return fairway(context, ["approve"]);
  }
  say("No one is asked here, so the demo approves as the user `demo`.");
  return fairway(context, ["approve", "--yes"], { FAIRWAY_USER: "demo" });
}

async function toProduction() {
  const started = await fairway(context, ["promote", "production"]);
  must(started === 3, "the promotion did not wait for an approval");
  const answered = await approve();
  if (asks && answered === 3) throw new PersonLeft("Nobody approved, so production stays as it is and the demo ends.");
  must(answered === 0, "the production deployment did not succeed");
}

/** The first commit: checks, release, staging, and after an approval production. */
async function firstCommit(url) {
  chapter("1", "The first commit goes to staging, and with an approval to production");
  must((await fairway(context, ["release"])) === 0, "the first release did not reach staging");
  await toProduction();
  const status = await createClient(url).call("status", {});
  const current = status.environments.find(({ name }) => name === "production")?.current;
  must(current?.release === "r1", "production does not run r1");
}

/** The second commit rolls out while requests come in; none may fail. */
async function secondCommit(router) {
  chapter("2", "A second commit rolls out while people use the shop");
  await commitOverlay(example, "second", repository);
  const load = startLoad(router);
  try {
    must((await fairway(context, ["release"])) === 0, "the second release did not reach staging");
    await toProduction();
  } finally {
    const { requests, failed, releases, failures } = await load.stop();
    say(`${requests} requests while both environments moved, answered by ${releases.join(" and ")}: ${failed} failed.`);
    for (const failure of failures) say(`  ${failure}`);
    must(failed === 0, `${failed} requests failed`);
  }
}

/** The third commit cannot start; the breaker stops it and the release before goes on serving. */
async function brokenCommit(url, router) {
  chapter("3", "A broken commit is stopped, and what ran goes on running");
  await commitOverlay(example, "broken", repository);
  const load = startLoad(router);
  const code = await fairway(context, ["release"]);
  const { requests, failed, failures } = await load.stop();
  must(code === 1, "the broken release was not refused");
  const stopped = await createClient(url).call("runs", { kind: "deployment", state: "failed" });
  must(stopped.length === 1, "the broken release was not stopped where it rolls out, as the example means it to be");
  say(`${requests} requests meanwhile: ${failed} failed. Staging and production still run r2.`);
  for (const failure of failures) say(`  ${failure}`);
  must(failed === 0, `${failed} requests failed`);
}

/** The fourth goes to a chain, too, whose contracts belong to several owners. */
async function contractCommit(url) {
  chapter("4", "Contracts on a chain change when two of their three owners have signed");
  const missing = noContracts();
  if (missing !== null) return say(`Left out: ${missing}.`);
  chain = await openChain(context);
  // Beside the broken one.
  await branchOff(repository, "contracts", "HEAD~1");
  await chain.describe();
  await commitOverlay(example, "contracts", repository);
  const secret = { name: "PROPOSER_PASSWORD", environment: "staging", value: chain.password, by: "demo" };
  await createClient(url).call("setSecret", secret);
  const signing = chain.sign(say);
  const code = await fairway(context, ["release"]);
  chain.stopSigning();
  await signing;
  must(code === 0, "the release with contracts did not reach staging");
  must((await fairway(context, ["contracts", "staging"])) === 0, "the addresses of the contracts are not there");
}

/** What people owe is shown by doing it: a backup comes back, and a key is exchanged for the next. */
async function operations(url) {
  chapter("5", "A backup is restored apart and looked at, and a key is exchanged");
  say(
    "Base backups of the embedded PostgreSQL lie on this machine; pgBackRest and the others are for databases of your own.",
  );
  must((await fairway(context, ["backups", "take"])) === 0, "no backup was made");
  must((await fairway(context, ["drill"])) === 0, "the backup did not come back");
  await makeReportingRole(url, data);
  // They are read by themselves within a minute of a release, and this one may be younger.
  must((await fairway(context, ["duties", "read"])) === 0, "the duties could not be read");
  must((await fairway(context, ["duties", "run", rotated])) === 0, "the key was not exchanged");
  await fairway(context, ["duties", "list"]);
}

/** The dashboard, explaining itself. */
const tourOf = (status) => `${status.url}/?tour=1`;

async function whatNext(status) {
  chapter("✓", "Running");
  await fairway(context, ["status"]);
  say("");
  for (const { name, url } of status.environments)
    if (url)
      say(`${name.padEnd(11)} ${url.replace(/:\d+$/, status.routerUrl.slice(status.routerUrl.lastIndexOf(":")))}`);
  say(`${"Dashboard".padEnd(11)} ${tourOf(status)}`);
  say(`${"API".padEnd(11)} ${status.url}/api/v1/status`);
  say("");
  say("Try, in another terminal:");
  say(`  cd "${repository}"`);
  say(`  alias fairway='node "${join(root, "apps/cli/bin/fairway.mjs")}" --data "${data}"'`);
  say("  fairway rollback production");
  say("  fairway logs api-gateway --env production --follow");
  say("  fairway --help");
}

/** Told once a person or the system wants an end; the signals go on being caught, so that the ending is not cut off. */
const leaving = new AbortController();
const context = { root, repository, data, signal: leaving.signal };
/** The chain of the fourth commit, where one could be started. */
let chain = null;
const left = new Promise((resolve) => leaving.signal.addEventListener("abort", resolve));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => leaving.abort());

async function end() {
  // Before the daemon has started there is nothing to end.
  if (existsSync(join(data, "daemon.json"))) await fairwayQuietly(context, ["down"]).catch(unlessGone);
  await chain?.close();
  if (endAtOnce) await removeAll(place);
}

/** A start that failed has undone itself; anything else that keeps `down` from ending everything is told. */
function unlessGone(thrown) {
  if (!thrown.message.includes("[daemon_not_running]")) throw thrown;
}

async function run() {
  const begun = Date.now();
  const other = otherDemo(pidFile);
  if (other !== null)
    throw new DemoFailed(`one runs in this clone already, pid ${other}: end it with Ctrl-C, or delete ${pidFile}`);
  beTheDemo(pidFile);
  // An earlier demo that was killed may have left its services running.
  await fairwayQuietly(context, ["down"]).catch(() => undefined);
  await removeAll(place);
  const ports = await freePorts({ port: 7300, "router-port": 8080, "internal-port": 7301 });
  await makeRepository(example, repository, ports["router-port"]);
  const flags = Object.entries(ports).flatMap(([name, port]) => [`--${name}`, String(port)]);
  const url = `http://127.0.0.1:${ports.port}`;
  const router = { host: "127.0.0.1", port: ports["router-port"] };
  try {
    must((await fairway(context, ["up", ...flags], { PATH: contractPath(root) })) === 0, "the daemon did not start");
    await firstCommit(url);
    await secondCommit(router);
    await brokenCommit(url, router);
    await contractCommit(url);
    await operations(url);
    const status = await createClient(url).call("status", {});
    await whatNext(status);
    say(`\nAll of it took ${((Date.now() - begun) / 1000).toFixed(1)} s.`);
    if (endAtOnce) return;
    say("It keeps running until Ctrl-C.");
    openBrowser(tourOf(status));
    // A caught signal alone keeps no process alive.
    const staying = setInterval(() => undefined, 60_000);
    await left;
    clearInterval(staying);
  } finally {
    if (leaving.signal.aborted) say("\nEnding the services, the router and the database …");
    await end();
  }
}

try {
  await run();
} catch (thrown) {
  if (thrown instanceof PersonLeft) say(`\n${thrown.message}`);
  else if (!leaving.signal.aborted)
    console.error(thrown instanceof DemoFailed ? `\nThe demo failed: ${thrown.message}` : thrown);
  process.exitCode = leaving.signal.aborted ? 130 : 1;
}
