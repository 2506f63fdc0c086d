import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import type { Sha } from "@fairway/core";
import { gitArguments, gitEnvironment, localTimeout, mostOutput, startTurn } from "./run-git.ts";

/** An object of a repository. Its text is only of use where it is one: of a commit, or of a file that holds text. */
export interface GitObject {
  readonly id: Sha;
  readonly type: string;
  readonly text: string;
}

/** What git said of a name: its object, that there is none, or that only a git of its own can tell. */
export type ObjectAnswer = GitObject | "missing" | "ask alone";

/** How long a git waits for the next question: starting one takes the daemon's thread longer than a hundred answers. */
const idleFor = 1000;

const readers = new Map<string, ObjectReader>();

// Each would end by itself when its questions do, but a moment after us.
process.once("exit", () => {
  for (const reader of readers.values()) reader.stop();
});

/**
 * What a name that git understands names now, `refs/heads/main^{commit}` or `<commit>:<path>`, by a `git cat-file --batch`
 * that everybody shares who reads this repository. What goes wrong there is answered with "ask alone", so that whoever asks
 * gets git's own reason.
 */
export async function readObject(path: string, name: string): Promise<ObjectAnswer> {
  // A question is a line.
  if (/[\r\n\0]/u.test(name)) return "ask alone";
  const place = await stat(path).catch(() => null);
  if (place === null) return "ask alone";
  // A repository that was made anew at the same place is another.
  const key = `${place.dev} ${place.ino} ${path}`;
  let reader = readers.get(key);
  if (reader === undefined) {
    reader = new ObjectReader(path, () => readers.delete(key));
    readers.set(key, reader);
  }
  return reader.ask(name);
}

/** One git that answers questions in their order, until nobody has had one for a while. */
class ObjectReader {
  readonly #path: string;
  readonly #ended: () => void;
  readonly #waiting: ((answer: ObjectAnswer) => void)[] = [];
  #git: Promise<ChildProcess> | null = null;
  #child: ChildProcess | undefined;
  #read: Buffer[] = [];
  #length = 0;
  /** Bytes until the answer that has begun is whole; 0 while its first line is. */
  #wanted = 0;
  #head = { id: "", type: "" };
  #timer: NodeJS.Timeout | undefined;
  /** Somebody waits for an answer. */
  #works = false;
  #isOver = false;

  constructor(path: string, ended: () => void) {
    this.#path = path;
    this.#ended = ended;
  }

  async ask(question: string): Promise<ObjectAnswer> {
    this.#git ??= this.#start();
    const answered = new Promise<ObjectAnswer>((answer) => this.#waiting.push(answer));
    const git = await this.#git;
    if (!this.#isOver) {
      this.#work(git);
      git.stdin?.write(`${question}\n`);
    }
    return answered;
  }

  async #start(): Promise<ChildProcess> {
    await startTurn();
    const git = spawn("git", gitArguments(this.#path, ["cat-file", "--batch"]), {
      env: gitEnvironment(),
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#child = git;
    git.once("error", () => this.#end());
    git.once("close", () => this.#end());
    // Git may end before it read all; whoever waits for an answer is told at its end.
    git.stdin?.on("error", () => undefined);
    git.stdout?.on("data", (bytes: Buffer) => this.#take(git, bytes));
    return git;
  }

  #take(git: ChildProcess, bytes: Buffer): void {
    this.#read.push(bytes);
    this.#length += bytes.length;
    while (this.#answerNext()) continue;
    if (this.#waiting.length === 0) this.#rest(git);
  }

  /** Answers one question if its answer is whole: `id type size`, the bytes and a line's end; or a line that says why not. */
  #answerNext(): boolean {
    if (this.#wanted === 0) {
      const all = this.#whole();
      const end = all.indexOf(0x0a);
      if (end < 0) return false;
      const line = all.toString("latin1", 0, end);
      const [, id = "", type = "", size] = /^([0-9a-f]+) (\w+) (\d+)$/.exec(line) ?? [];
      this.#drop(end + 1);
      if (size === undefined) return this.#answer(line.endsWith(" missing") ? "missing" : "ask alone");
      if (Number(size) > mostOutput) {
        this.stop();
        return false;
      }
      this.#wanted = Number(size) + 1;
      this.#head = { id, type };
    }
    if (this.#length < this.#wanted) return false;
    const text = this.#whole().toString("utf8", 0, this.#wanted - 1);
    this.#drop(this.#wanted);
    this.#wanted = 0;
    return this.#answer({ ...this.#head, text });
  }

  #answer(answer: ObjectAnswer): boolean {
    this.#waiting.shift()?.(answer);
    this.#endIn(localTimeout);
    return this.#length > 0;
  }

  #whole(): Buffer {
    if (this.#read.length !== 1) this.#read = [Buffer.concat(this.#read)];
    return this.#read[0] ?? Buffer.alloc(0);
  }

  #drop(bytes: number): void {
    this.#read = [this.#whole().subarray(bytes)];
    this.#length -= bytes;
  }

  #work(git: ChildProcess): void {
    if (this.#works) return;
    this.#works = true;
    this.#endIn(localTimeout);
    for (const handle of handlesOf(git)) handle.ref();
  }

  /** Nobody waits, so nothing is kept from ending because of it. */
  #rest(git: ChildProcess): void {
    this.#works = false;
    this.#endIn(idleFor);
    for (const handle of handlesOf(git)) handle.unref();
  }

  #endIn(time: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop(), time);
    this.#timer.unref();
  }

  stop(): void {
    this.#child?.kill("SIGKILL");
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#ended();
    for (const answer of this.#waiting.splice(0)) answer("ask alone");
  }
}

/** What keeps this process from ending while a git runs: its pipes are sockets. */
const handlesOf = (git: ChildProcess): readonly (ChildProcess | Socket)[] => [
  git,
  ...[git.stdin, git.stdout].filter((pipe) => pipe instanceof Socket),
];
