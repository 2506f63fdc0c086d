import type { ContainerHealthCheck, ContainerMount, ContainerSettings } from "@fairway/core";

/** What the words of `options` come to. */
export interface DockerOptions {
  readonly settings: ContainerSettings;
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
}

/** A container that nobody said anything about. */
export const plainSettings: ContainerSettings = {
  user: null,
  workingDirectory: null,
  hostname: null,
  memory: null,
  cpus: null,
  sharedMemory: null,
  init: false,
  privileged: false,
  readOnly: false,
  addCapabilities: [],
  dropCapabilities: [],
  hosts: [],
  temporaryFolders: [],
  health: null,
};

const plainHealth: ContainerHealthCheck = {
  command: null,
  interval: null,
  timeout: null,
  startPeriod: null,
  retries: null,
};

/** What is changed while the words are read. */
interface Draft {
  settings: ContainerSettings;
  env: Record<string, string>;
  mounts: ContainerMount[];
}

type Taker = (draft: Draft, value: string) => void;

const setting =
  <K extends keyof ContainerSettings>(
    name: K,
    of: (value: string, settings: ContainerSettings) => ContainerSettings[K],
  ): Taker =>
  (draft, value) =>
    void (draft.settings = { ...draft.settings, [name]: of(value, draft.settings) });

const health = (change: (value: string) => Partial<ContainerHealthCheck>): Taker =>
  setting("health", (value, { health: before }) => ({ ...(before ?? plainHealth), ...change(value) }));

/** Options with a value. The names are those of `docker create`, which is what GitHub hands the words to. */
const valued: Readonly<Record<string, Taker>> = {
  "--user": setting("user", (value) => value),
  "--workdir": setting("workingDirectory", (value) => value),
  "--hostname": setting("hostname", (value) => value),
  "--memory": setting("memory", bytesOf),
  "--cpus": setting("cpus", numberOf),
  "--shm-size": setting("sharedMemory", bytesOf),
  "--cap-add": setting("addCapabilities", (value, { addCapabilities }) => [...addCapabilities, value]),
  "--cap-drop": setting("dropCapabilities", (value, { dropCapabilities }) => [...dropCapabilities, value]),
  "--add-host": setting("hosts", (value, { hosts }) => [...hosts, value]),
  "--tmpfs": setting("temporaryFolders", (value, { temporaryFolders }) => [...temporaryFolders, value]),
  "--health-cmd": health((command) => ({ command })),
  "--health-interval": health((value) => ({ interval: durationOf(value) })),
  "--health-timeout": health((value) => ({ timeout: durationOf(value) })),
  "--health-start-period": health((value) => ({ startPeriod: durationOf(value) })),
  "--health-retries": health((value) => ({ retries: numberOf(value) })),
  "--env": (draft, value) => {
    const [name = "", ...rest] = value.split("=");
    draft.env[name] = rest.join("=");
  },
  "--volume": (draft, value) => void draft.mounts.push(mountOf(value)),
};

const flags: Readonly<Record<string, Taker>> = {
  "--init": setting("init", () => true),
  "--privileged": setting("privileged", () => true),
  "--read-only": setting("readOnly", () => true),
  "--no-healthcheck": health(() => ({ command: "" })),
};

const short: Readonly<Record<string, string>> = {
  "-u": "--user",
  "-w": "--workdir",
  "-h": "--hostname",
  "-m": "--memory",
  "-e": "--env",
  "-v": "--volume",
};

/**
 * Reads the `options` of a container; throws a sentence for what is not carried over, so that nothing is dropped in silence.
 */
export function dockerOptions(text: string): DockerOptions {
  const draft: Draft = { settings: plainSettings, env: {}, mounts: [] };
  const words = wordsOf(text);
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const written = equals < 0 ? word : word.slice(0, equals);
    const name = short[written] ?? written;
    const flag = flags[name];
    const take = valued[name];
    if (flag !== undefined && equals < 0) flag(draft, "");
    else if (take === undefined)
      throw new TypeError(`the option "${written}" is not carried over; known are ${known()}`);
    else {
      const value = equals < 0 ? words[++at] : word.slice(equals + 1);
      if (value === undefined) throw new TypeError(`the option "${written}" has no value`);
      take(draft, value);
    }
  }
  return draft;
}

const known = (): string => [...Object.keys(valued), ...Object.keys(flags)].toSorted().join(", ");

/** Words as a shell splits them, without anything that a shell would fill in. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  const word = /\s*((?:[^\s"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*')+)/gy;
  let end = 0;
  for (const match of text.matchAll(word)) {
    words.push((match[1] ?? "").replaceAll(/\\([\s\S])|"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'/g, unquoted));
    end = match.index + match[0].length;
  }
  if (text.slice(end).trim() !== "") throw new TypeError(`a quote is not closed: ${text.slice(end).trim()}`);
  return words;
}

function unquoted(_: string, escaped?: string, double?: string, single?: string): string {
  if (double !== undefined) return double.replaceAll(/\\(["\\$`])/g, "$1");
  return single ?? escaped ?? "";
}

/** `src:dst`, `src:dst:ro`, or `dst` alone. */
export function mountOf(text: string): ContainerMount {
  const parts = text.split(":");
  const [first = "", second, mode] = parts;
  const to = second ?? first;
  if (parts.length > 3 || !to.startsWith("/"))
    throw new TypeError(`the volume "${text}" is not written as source:/target`);
  const modes = mode === undefined ? [] : mode.split(",");
  if (modes.some((word) => !["ro", "rw", "z", "Z"].includes(word)))
    throw new TypeError(`the volume "${text}" has a mode that is not carried over`);
  return { from: second === undefined ? null : first, to, readOnly: modes.includes("ro") };
}

function numberOf(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number) || number < 0) throw new TypeError(`"${text}" is no number`);
  return number;
}

const units: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

function bytesOf(text: string): number {
  const [, number = "", unit = "b"] = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(text) ?? [];
  if (number === "") throw new TypeError(`"${text}" is no size, as 512m is`);
  return Math.floor(Number(number) * (units[(unit || "b").toLowerCase()] ?? 1));
}

const times: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** As Go writes durations: `1m30s`, `500ms`. */
function durationOf(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text)
    throw new TypeError(`"${text}" is no duration, as 10s is`);
  return parts.reduce((sum, [, number = "0", unit = "s"]) => sum + Number(number) * (times[unit] ?? 0), 0);
}
