import type { ReadEntry } from "tar";
import { Parser } from "tar";

/** Is written the bytes of a tar, and has what is in it taken care of on the way. Both throw what is wrong with it. */
export interface TarReader {
  /** Is done when more may come. */
  write(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
}

/** Has each thing of a tar taken care of in its order, before the next. `passedOver`: something was that nobody can read. */
export function tarReader(
  take: (path: string, chunks: AsyncIterable<Buffer>) => Promise<void>,
  passedOver: () => void,
): TarReader {
  let fail: (cause: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));
  failed.catch(() => undefined); // It is always waited for beside something else.
  let taking: Promise<void> = Promise.resolve();
  const parser = new Parser({ strict: true });
  parser.on("error", (cause: unknown) => fail(cause));
  parser.on("ignoredEntry", passedOver);
  parser.on("entry", (entry: ReadEntry) => {
    // The next one comes when this has ended, also where nothing of it was wanted.
    taking = taking.then(() => take(entry.path, entry)).then(() => entry.resume());
    taking.catch(fail);
  });
  const ended = new Promise<void>((resolve) => parser.on("end", () => resolve()));
  return {
    async write(chunk) {
      if (parser.write(chunk)) return;
      await Promise.race([new Promise<void>((resolve) => void parser.once("drain", () => resolve())), failed]);
    },
    async end() {
      parser.end();
      await Promise.race([ended, failed]);
      await Promise.race([taking, failed]);
    },
  };
}
