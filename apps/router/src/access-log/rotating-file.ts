import { open, rename, rm, stat, type FileHandle } from "node:fs/promises";

/** How large a file grows before it is set aside, and how many of those are kept. */
export interface Rotation {
  readonly bytes: number;
  readonly keep: number;
}

/**
 * A file that is appended to and set aside as `FILE.1`, `FILE.2`… as it grows. Several processes may append to one file,
 * but only one of them may rotate it; the others notice before their next write.
 */
export class RotatingFile {
  /** Whether this process is the one that rotates. */
  rotates = false;
  private readonly path: string;
  private readonly rotation: Rotation;
  private file: FileHandle | null = null;

  constructor(path: string, rotation: Rotation) {
    this.path = path;
    this.rotation = rotation;
  }

  /** Not to be called again before it is over. */
  async append(text: string): Promise<void> {
    const file = await this.current();
    await file.writeFile(text);
    if (this.rotates && (await file.stat()).size >= this.rotation.bytes) await this.rotate();
  }

  async close(): Promise<void> {
    const { file } = this;
    this.file = null;
    await file?.close();
  }

  /** The file at the path, also after somebody has moved the one that was there. */
  private async current(): Promise<FileHandle> {
    if (this.file !== null) {
      const [own, there] = await Promise.all([this.file.stat(), statIfThere(this.path)]);
      if (there?.ino === own.ino) return this.file;
      await this.close();
    }
    this.file = await open(this.path, "a", 0o600);
    return this.file;
  }

  private async rotate(): Promise<void> {
    await this.close();
    const { keep } = this.rotation;
    if (keep === 0) return rm(this.path, { force: true });
    for (let i = keep - 1; i >= 1; i--) await renameIfThere(`${this.path}.${i}`, `${this.path}.${i + 1}`);
    await renameIfThere(this.path, `${this.path}.1`);
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

async function statIfThere(path: string): Promise<{ readonly ino: number } | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
