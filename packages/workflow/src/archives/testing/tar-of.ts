import { gzipSync } from "node:zlib";

/** An entry as its header says it, right or wrong. */
export interface TarEntry {
  readonly path: string;
  /** `0` a file, `1` a hard link, `2` a link, `3` a device, `5` a folder, `L` the long name of the next. */
  readonly type?: string;
  readonly text?: string;
  readonly leadsTo?: string;
  readonly mode?: number;
  /** Another size than that of the text. */
  readonly size?: number;
}

const block = 512;

/** A gzipped tar whose entries are written one after the other, as no honest program would. */
export const tarOf = (entries: readonly TarEntry[], end = true): Buffer =>
  gzipSync(Buffer.concat([...entries.flatMap(entryOf), ...(end ? [Buffer.alloc(2 * block)] : [])]));

function entryOf({ path, type = "0", text = "", leadsTo = "", mode = 0o644, size }: TarEntry): readonly Buffer[] {
  const contents = Buffer.from(text);
  const header = Buffer.alloc(block);
  const octal = (value: number, at: number, length: number): void =>
    void header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  header.write(path, 0, 100);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size ?? contents.length, 124, 12);
  octal(1_700_000_000, 136, 12);
  header.write("        ", 148, "latin1");
  header.write(type, 156, "latin1");
  header.write(leadsTo, 157, 100);
  header.write("ustar\0" + "00", 257, "latin1");
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return [header, contents, Buffer.alloc((block - (contents.length % block)) % block)];
}
