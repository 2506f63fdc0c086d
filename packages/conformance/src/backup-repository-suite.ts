import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackupRepository } from "@fairway/core";
import { codeOf, repositoryChanges } from "@fairway/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

/** A repository in a place of its own, and what may happen to it from outside. */
export interface BackupRepositoryWorld {
  readonly repository: BackupRepository;
  /** The same, for somebody who has another key; left out where none is needed. */
  readonly withAnotherKey?: BackupRepository;
  /** The same, when what is backed up is away. */
  readonly withoutSource: BackupRepository;
  /** Changes bytes of a backup. */
  damage(id: string): Promise<void>;
  /** Takes the end of a backup away. */
  cut(id: string): Promise<void>;
  /** Leaves what a maker leaves that was killed at work. */
  leaveHalf(): Promise<void>;
}

/** What every BackupRepository must do, whatever makes the backups. */
export function backupRepositorySuite(name: string, make: () => Promise<BackupRepositoryWorld>): void {
  describe(`backup repository: ${name}`, () => {
    let world: BackupRepositoryWorld;
    let scratch: string;
    let places = 0;
    const target = (): string => join(scratch, `restored-${++places}`);

    beforeAll(async () => void (scratch = await mkdtemp(join(tmpdir(), "fairway-backups-"))));
    afterAll(() => rm(scratch, { recursive: true, force: true }));
    beforeEach(async () => void (world = await make()));

    test("one that nobody has made a backup in is empty, and says what it is", async () => {
      expect(await world.repository.snapshots()).toEqual([]);
      expect(world.repository.label).not.toBe("");
    });

    test("what was made is what is listed, the oldest first, and nothing is missing of it", async () => {
      const first = await world.repository.take();
      const before = await world.repository.fingerprint();
      const made = [first, await world.repository.take()];
      const after = await world.repository.fingerprint();
      expect(after).not.toEqual(before);
      // One that is made or expired beside a drill is none of the drill's; the newest that goes is.
      expect(repositoryChanges(before, after, first.id)).toEqual({ wrong: [], expired: [] });
      expect(repositoryChanges(after, before, first.id)).toMatchObject({ wrong: [], expired: [made[1]?.id] });
      expect(repositoryChanges(after, before, made[1]?.id ?? "").wrong).toHaveLength(1);
      expect(await world.repository.snapshots()).toEqual(made);
      for (const { id, startedAt, endedAt, bytes } of made) {
        expect(Date.parse(endedAt)).toBeGreaterThanOrEqual(Date.parse(startedAt));
        expect(bytes).toBeGreaterThan(0);
        expect(await world.repository.missing(id)).toEqual([]);
      }
    });

    test("a restore fills a directory of its own and leaves the repository as it was", async () => {
      const { id } = await world.repository.take();
      const before = await world.repository.fingerprint();
      const directory = target();
      const { bytes, path } = await world.repository.restore(id, directory);
      expect(bytes).toBeGreaterThan(0);
      expect(path.startsWith(directory)).toBe(true);
      expect(await readdir(directory)).not.toEqual([]);
      expect(await world.repository.fingerprint()).toEqual(before);
    });

    test("a backup that is not there is not found", async () => {
      for (const id of ["20260101T000000000Z", "../elsewhere", ""])
        expect(codeOf(await caught(world.repository.restore(id, target())))).toMatch(
          /^(?:not_found|backup_damaged|bad_request)$/,
        );
    });

    test("one whose bytes have changed is never restored as a backup", async () => {
      const { id } = await world.repository.take();
      await world.damage(id);
      expect(codeOf(await caught(world.repository.restore(id, target())))).toBe("backup_damaged");
    });

    test("one that ends too early is never restored as a backup", async () => {
      const { id } = await world.repository.take();
      await world.cut(id);
      expect(codeOf(await caught(world.repository.restore(id, target())))).toBe("backup_damaged");
    });

    test("what somebody left who was killed at work is no backup, and the next one is made", async () => {
      await world.leaveHalf();
      expect(await world.repository.snapshots()).toEqual([]);
      const made = await world.repository.take();
      expect(await world.repository.snapshots()).toEqual([made]);
    });

    test("one that cannot be made leaves those that are there as they are, and nothing else", async () => {
      const made = await world.repository.take();
      const before = await world.repository.fingerprint();
      await expect(world.withoutSource.take()).rejects.toThrow(/./);
      expect(await world.repository.snapshots()).toEqual([made]);
      expect(await world.repository.fingerprint()).toEqual(before);
    });

    test("another key opens nothing", async ({ skip }) => {
      if (world.withAnotherKey === undefined) return skip("it needs no key");
      const { id } = await world.repository.take();
      expect(codeOf(await caught(world.withAnotherKey.restore(id, target())))).toBe("key_unusable");
    });
  });
}

const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
