import { LineLimit } from "./line-limit.ts";
import { Masker } from "./masker.ts";
import { secretForms } from "./secret-forms.ts";
import { ValidUtf8 } from "./valid-utf8.ts";

/** How much of a command's output is kept. */
export interface OutputLimits {
  readonly bytesPerLine: number;
  readonly bytes: number;
}

/** What a step may write before its log is cut. */
export const defaultOutputLimits: OutputLimits = { bytesPerLine: 16 * 1024, bytes: 64 * 1024 * 1024 };

/**
 * Turns what a command wrote into what anybody may read: secrets masked, lines and the whole of bounded length, valid
 * UTF-8. Control characters stay; they are made harmless where they are displayed. The same bytes give the same text
 * however they come in, so after a crash the log is made again with the same bytes at the same offsets.
 */
export class ShownOutput {
  private readonly limits: OutputLimits;
  private readonly masker: Masker;
  private readonly lines: LineLimit;
  private readonly text = new ValidUtf8();
  private taken = 0;
  private overflowed = false;

  constructor(secrets: readonly string[], limits: OutputLimits = defaultOutputLimits) {
    this.limits = limits;
    this.masker = new Masker(secretForms(secrets));
    this.lines = new LineLimit(limits.bytesPerLine);
  }

  /** There is more than will be shown; nothing that comes now is. */
  cut(): void {
    this.overflowed = true;
    this.taken = Math.max(this.taken, this.limits.bytes);
  }

  /** Masks these values too, from here on. */
  addSecrets(secrets: readonly string[]): void {
    this.masker.add(secretForms(secrets));
  }

  push(chunk: Uint8Array): Buffer {
    const room = this.limits.bytes - this.taken;
    this.taken += chunk.length;
    if (chunk.length > room) this.overflowed = true;
    return this.text.push(this.lines.push(this.masker.push(chunk.subarray(0, Math.max(0, room)))));
  }

  end(): Buffer {
    if (!this.overflowed) {
      return Buffer.concat([this.text.push(this.lines.push(this.masker.end())), this.text.end()]);
    }
    // The bytes held back may be the first half of a secret whose second half was cut off, so they are not shown.
    const size = `${Math.round(this.limits.bytes / 1024 / 1024)} MiB`;
    return Buffer.concat([
      this.text.end(),
      Buffer.from(`\n[log cut: only the first ${size} of a step's output are kept]\n`),
    ]);
  }
}
