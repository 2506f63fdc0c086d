import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import type { KeyKeeper, KeyKeepers } from "@fairway/core";
import { FairwayError, messageOf } from "@fairway/core";

/** How long a key management service may take. */
const within = 30_000;
const longest = 64 * 1024;

/**
 * A program before a key management service, whose key never leaves it: called with `wrap` or `unwrap` as its last word, it
 * reads base64 and prints base64. It is known by its words, so another key is another way to call it: name it before the old
 * one.
 */
export function commandKeepers(text: string, others: KeyKeepers): KeyKeepers {
  const commands = commandsFrom(text);
  const keepers = commands.map(keeperOf);
  const [current] = keepers;
  if (current === undefined) throw unusable("it names no program");
  return {
    place: `FAIRWAY_KEY_COMMAND (${commands.map(([program]) => program).join(", ")}) or ${others.place}`,
    folder: others.folder,
    keyOf: (id) => others.keyOf(id),
    current: async () => current,
    // A key that was used before there was a service still opens what it sealed.
    byId: async (id) => keepers.find((keeper) => keeper.id === id) ?? (await others.byId(id)),
    next: async () => current,
  };
}

type Argv = readonly [string, ...string[]];

/** One command as a list of words in JSON, or several, the current one first. */
function commandsFrom(text: string): readonly Argv[] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (thrown) {
    throw unusable(messageOf(thrown));
  }
  const lists = Array.isArray(read) && read.every(Array.isArray) ? (read as unknown[]) : [read];
  return lists.map((words) => {
    const isArgv = Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === "string");
    if (!isArgv) throw unusable("it is no list of words");
    return words as unknown as Argv;
  });
}

function keeperOf(argv: Argv): KeyKeeper {
  const id = `c-${createHash("sha256").update(JSON.stringify(argv)).digest("hex").slice(0, 16)}`;
  const ask = async (verb: "wrap" | "unwrap", bytes: Uint8Array): Promise<Buffer> => {
    const answer = (await run([...argv, verb], Buffer.from(bytes).toString("base64"))).trim();
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(answer)) throw failed(argv, verb, "it printed no base64");
    return Buffer.from(answer, "base64");
  };
  return {
    id,
    wrap: (key) => ask("wrap", key),
    async unwrap(wrapped) {
      const key = await ask("unwrap", wrapped);
      if (key.length !== 32) throw failed(argv, "unwrap", `it gave ${key.length} bytes instead of 32`);
      return key;
    },
  };
}

/** What it says of an error is not told: it may be the key. */
async function run([program, ...words]: Argv, input: string): Promise<string> {
  const verb = words.at(-1) ?? "";
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ["pipe", "pipe", "ignore"], timeout: within, killSignal: "SIGKILL" });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      output += part;
      if (output.length > longest) child.kill("SIGKILL");
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.once("error", (thrown) => reject(failed([program], verb, messageOf(thrown))));
    child.once("close", (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(
          failed([program], verb, signal === null ? `exit code ${code}` : `it was ended within ${within / 1000} s`),
        );
    });
  });
}

const failed = ([program]: readonly string[], verb: string, why: string): FairwayError =>
  new FairwayError("key_unusable", `the key service did not ${verb} (${program ?? ""}): ${why}`, {
    hint: "try FAIRWAY_KEY_COMMAND by hand, as the daemon's user",
    retryable: true,
  });

const unusable = (why: string): FairwayError =>
  new FairwayError("key_unusable", `FAIRWAY_KEY_COMMAND cannot be used: ${why}`, {
    hint: 'write the words as JSON: ["/usr/local/bin/fairway-kms","--key","alias/fairway"]',
  });
