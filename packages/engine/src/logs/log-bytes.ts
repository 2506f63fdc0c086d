import type { FileHandle } from "node:fs/promises";

/** The bytes of a log, whether it is kept plain or compressed. Offsets are those of the plain log in both. */
export interface LogBytes {
  /** Reads at most so many bytes from an offset on into a buffer; 0 at the end. */
  read(into: Buffer, length: number, offset: number): Promise<number>;
  /** How many there are now; a plain log may grow. */
  size(): Promise<number>;
  /** Which file of the disk it is; undefined for a compressed log, which is never replaced. */
  readonly inode: number | undefined;
  close(): Promise<void>;
}

/** A log as it is while it is written, and until it is compressed. */
export class PlainLog implements LogBytes {
  private readonly file: FileHandle;
  readonly inode: number;

  private constructor(file: FileHandle, inode: number) {
    this.file = file;
    this.inode = inode;
  }

  static async of(file: FileHandle): Promise<PlainLog> {
    return new PlainLog(file, (await file.stat()).ino);
  }

  async read(into: Buffer, length: number, offset: number): Promise<number> {
    return (await this.file.read(into, 0, length, offset)).bytesRead;
  }

  async size(): Promise<number> {
    return (await this.file.stat()).size;
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
