import { AsyncLocalStorage } from "node:async_hooks";
import fs from "node:fs";
import fsp, { type FileHandle } from "node:fs/promises";
import { createRequire, syncBuiltinESMExports } from "node:module";

/**
 * A daemon's life, as far as the disk, its child processes and its records know of it: what runs within it is killed at a
 * point, as by `kill -9`. Nothing that it begins after that has an effect or an end; what it started goes on by itself.
 */
export class Life {
  /** Resolves when it was killed; never where it is not. */
  readonly killed: Promise<"killed">;
  /** What it came past, in that order: the first pass of each point. */
  readonly passed: Set<string> = new Set();
  readonly #killAt: string | undefined;
  readonly #root: string;
  #end: (how: "killed") => void = () => {};
  readonly #files = new Set<FileHandle>();
  dead = false;

  /** Paths below the root are named by it, so that points are the same in another root. */
  constructor(root: string, killAt?: string) {
    this.#root = root;
    this.#killAt = killAt;
    this.killed = new Promise((resolve) => (this.#end = resolve));
  }

  within<Result>(work: () => Promise<Result>): Promise<Result> {
    return lives.run(this, work);
  }

  /** Comes past a point; whether it still lives. */
  pass(point: string, path?: string): boolean {
    if (this.dead) return false;
    // Names that are made up anew each time would make each point another.
    const name = path === undefined ? point : `${point} ${this.#nameOf(path)}`;
    this.passed.add(name);
    if (name !== this.#killAt) return true;
    this.dead = true;
    this.#end("killed");
    return false;
  }

  opened(file: FileHandle): void {
    this.#files.add(file);
  }

  /** Closes what it could not close any more. */
  async bury(): Promise<void> {
    await Promise.all([...this.#files].map((file) => file.close()));
  }

  #nameOf(path: string): string {
    return path
      .replace(this.#root, "")
      .replace(/\.new-[0-9a-f]{12}/, ".new-*")
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, "*")
      .replace(/^\/proc\/\d+/, "/proc/*");
  }
}

const lives = new AsyncLocalStorage<Life>();
/** As one object, whose functions can be exchanged. */
const childProcess = createRequire(import.meta.url)("node:child_process") as object;
const forEver = (): Promise<never> => new Promise(() => {});

/** What changes files, by the name of the function; its first argument is the path. */
const changes = ["mkdir", "rename", "rm", "rmdir", "symlink", "cp", "appendFile", "chmod"] as const;
const changesNow = ["mkdirSync", "renameSync", "rmSync", "writeFileSync"] as const;
const ofHandle = ["writeFile", "appendFile", "write", "datasync", "sync"] as const;

type Call = (...args: unknown[]) => unknown;

/**
 * Lets what runs within a life come past a point before and after each change of a file and each start of a process, and
 * between the making of a file and its filling. Gives back what puts everything as it was.
 */
export async function watchLives(): Promise<() => void> {
  const undo: (() => void)[] = [];
  const replace = <Holder extends object>(holder: Holder, name: string, make: (real: Call) => Call): void => {
    const real = Reflect.get(holder, name) as Call;
    Reflect.set(holder, name, make(real));
    undo.push(() => Reflect.set(holder, name, real));
  };

  for (const name of changes)
    replace(fsp, name, (real) => async (...args) => {
      const life = lives.getStore();
      if (life === undefined) return real(...args);
      const path = String(args[0]);
      if (!life.pass(`before ${name}`, path)) return forEver();
      const result = await real(...args);
      return life.pass(`after ${name}`, path) ? result : forEver();
    });
  replace(fsp, "writeFile", (real) => async (...args) => {
    const life = lives.getStore();
    if (life === undefined) return real(...args);
    const path = String(args[0]);
    if (!life.pass("before writeFile", path)) return forEver();
    const { flag = "w", mode = 0o666 } = (args[2] ?? {}) as { readonly flag?: string; readonly mode?: number };
    const file = await open(path, flag, mode);
    await file.close();
    if (!life.pass("within writeFile", path)) return forEver();
    await real(path, args[1], { mode });
    return life.pass("after writeFile", path) ? undefined : forEver();
  });

  const paths = new WeakMap<FileHandle, string>();
  const { open } = fsp;
  replace(fsp, "open", (real) => async (...args) => {
    const life = lives.getStore();
    if (life === undefined) return real(...args);
    const path = String(args[0]);
    const changing = typeof args[1] === "string" && args[1] !== "r";
    if (changing && !life.pass("before open", path)) return forEver();
    const file = (await real(...args)) as FileHandle;
    paths.set(file, path);
    life.opened(file);
    if (life.dead || (changing && !life.pass("after open", path))) return forEver();
    return file;
  });
  const some = await open("/dev/null");
  const handles = Object.getPrototypeOf(some) as object;
  await some.close();
  for (const name of ofHandle)
    replace(
      handles,
      name,
      (real) =>
        async function (this: FileHandle, ...args) {
          const life = lives.getStore();
          const path = paths.get(this);
          if (life === undefined || path === undefined) return real.apply(this, args);
          if (!life.pass(`before ${name} to`, path)) return forEver();
          const result = await real.apply(this, args);
          return life.pass(`after ${name} to`, path) ? result : forEver();
        },
    );
  // What only reads is no point, but a dead one reads nothing any more.
  for (const [holder, name] of [
    [handles, "read"],
    [fsp, "readFile"],
    [fsp, "stat"],
    [fsp, "readdir"],
  ] as const)
    replace(
      holder,
      name,
      (real) =>
        async function (this: unknown, ...args) {
          const result = await real.apply(this, args);
          return lives.getStore()?.dead === true ? forEver() : result;
        },
    );

  const died = (): Error => new Error("this life was killed");
  for (const name of changesNow)
    replace(fs, name, (real) => (...args) => {
      const life = lives.getStore();
      if (life === undefined) return real(...args);
      const path = String(args[0]);
      if (!life.pass(`before ${name}`, path)) throw died();
      const result = real(...args);
      if (!life.pass(`after ${name}`, path)) throw died();
      return result;
    });
  replace(childProcess, "spawn", (real) => (...args) => {
    const life = lives.getStore();
    if (life === undefined) return real(...args);
    if (!life.pass("before spawn")) throw died();
    const child = real(...args);
    if (!life.pass("after spawn")) throw died();
    return child;
  });
  syncBuiltinESMExports();
  return () => {
    for (const put of undo) put();
    syncBuiltinESMExports();
  };
}
