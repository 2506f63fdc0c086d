import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { LoadedDuties } from "../load-duties.ts";
import { loadDuties } from "../load-duties.ts";

/** Files of `ops/` that a test writes, each in a repository of its own, and what is read of them. */
export interface DutyFiles {
  write(file: string, text: string): void;
  load(): LoadedDuties;
  /** Each problem as it is printed, without how it is mended. */
  problems(): readonly string[];
}

/** Somebody who can owe things. */
export const people = "roles:\n  lead:\n    people: [{ name: Ada }]\n";

/** A repository for each test of a file; it is gone after it. */
export function dutyFiles(): DutyFiles {
  let root: string;
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "fairway-duties-"))));
  afterEach(() => rmSync(root, { recursive: true }));
  const load = (): LoadedDuties => loadDuties(root, { commit: "abc", today: "2026-11-22" });
  return {
    write(file, text) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    },
    load,
    problems() {
      const loaded = load();
      return loaded.ok
        ? []
        : loaded.problems.map(
            ({ file, line, column, code, message }) => `${file}:${line}:${column} ${code} ${message}`,
          );
    },
  };
}
