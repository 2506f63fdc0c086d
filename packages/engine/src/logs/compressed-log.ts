import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { FairwayError } from "@fairway/core";
import type { LogBytes } from "./log-bytes.ts";

/**
 * A compressed log is a gzip file that `zcat` can read. Each of its members holds one block of the plain log, so a range
 * needs only the members it touches. Two empty members end it: one whose comment lists the sizes of the others, and one
 * of a fixed size that says where that is.
 */
export const compressedPathOf = (log: string): string => `${log}.gz`;

/** How much of the plain log is in one member. */
export const memberBytes: number = 256 * 1024;

/** What the list of members says: the size of the plain log and that of each member, in order. */
export interface MemberList {
  readonly size: number;
  readonly members: readonly number[];
}

const emptyBlock = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const withComment = 0x10;
const withExtra = 0x04;
const header = (flags: number): Buffer => Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3]);
const mark = Buffer.from("FW");
const tailBytes = 10 + 2 + 4 + 8 + emptyBlock.length;

/** The two members that end a compressed log, given where they begin. */
export function endingOf({ size, members }: MemberList, offset: number): Buffer {
  const list = Buffer.from(`${[size, ...members].join(" ")}\0`, "latin1");
  const place = Buffer.alloc(14);
  place.writeUInt16LE(12, 0);
  mark.copy(place, 2);
  place.writeUInt16LE(8, 4);
  place.writeUIntLE(offset, 6, 6);
  return Buffer.concat([header(withComment), list, emptyBlock, header(withExtra), place, emptyBlock]);
}

/** Opens the compressed form of a log; undefined when there is none. Throws `internal` when it is damaged. */
export async function openCompressedLog(log: string): Promise<CompressedLog | undefined> {
  const path = compressedPathOf(log);
  const file = await open(path, "r").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== "ENOENT") throw thrown;
  });
  if (file === undefined) return undefined;
  try {
    return new CompressedLog(path, file, await listOf(path, file));
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** A log as it is after its compression. Reads are served from the members they touch; the last one is kept at hand. */
export class CompressedLog implements LogBytes {
  readonly inode = undefined;
  private readonly path: string;
  private readonly file: FileHandle;
  private readonly list: MemberList;
  private readonly starts: readonly number[];
  private held: { readonly member: number; readonly bytes: Buffer } | undefined;

  constructor(path: string, file: FileHandle, list: MemberList) {
    this.path = path;
    this.file = file;
    this.list = list;
    let next = 0;
    this.starts = list.members.map((size) => (next += size) - size);
  }

  async read(into: Buffer, length: number, offset: number): Promise<number> {
    const member = Math.floor(offset / memberBytes);
    if (offset >= this.list.size || member >= this.list.members.length) return 0;
    const bytes = await this.member(member);
    return bytes.copy(into, 0, offset - member * memberBytes, offset - member * memberBytes + length);
  }

  async size(): Promise<number> {
    return this.list.size;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async member(member: number): Promise<Buffer> {
    if (this.held?.member === member) return this.held.bytes;
    const packed = Buffer.allocUnsafe(this.list.members[member]!);
    const { bytesRead } = await this.file.read(packed, 0, packed.length, this.starts[member]);
    if (bytesRead < packed.length) throw damaged(this.path);
    const bytes = await promisify(gunzip)(packed, { maxOutputLength: memberBytes }).catch((cause: unknown) => {
      throw damaged(this.path, cause);
    });
    this.held = { member, bytes };
    return bytes;
  }
}

async function listOf(path: string, file: FileHandle): Promise<MemberList> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(tailBytes);
  await file.read(tail, 0, tailBytes, Math.max(0, size - tailBytes));
  if (size < tailBytes || !tail.subarray(12, 14).equals(mark)) throw damaged(path);
  const begin = tail.readUIntLE(16, 6);
  const length = size - tailBytes - begin;
  if (length <= header(0).length || length > size) throw damaged(path);
  const list = Buffer.alloc(length);
  await file.read(list, 0, length, begin);
  const numbers = list
    .toString("latin1", header(0).length, list.indexOf(0, header(0).length))
    .split(" ")
    .map(Number);
  const [plain = Number.NaN, ...members] = numbers;
  const whole = members.reduce((sum, member) => sum + member, 0) === begin;
  if (!whole || members.length !== Math.ceil(plain / memberBytes)) throw damaged(path);
  return { size: plain, members };
}

const damaged = (path: string, cause?: unknown): FairwayError =>
  new FairwayError("internal", `the compressed log ${path} is damaged`, {
    hint: "`zcat` may still show the part that is whole.",
    cause,
  });
