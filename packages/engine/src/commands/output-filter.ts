/**
 * Sees what a command writes before it is logged. It is given batches of whole lines, the next only when the last was
 * answered, and after a crash all of them again from the first, so that it comes to the same state and to the same lines.
 */
export interface OutputFilter {
  readonly wants: OutputWish;
  /** What becomes of a line that is too long to be looked at: it is logged in pieces, unless it is withheld. */
  readonly tooLong?: "withhold" | undefined;
  lines(batch: readonly string[]): Promise<FilteredLines>;
}

/**
 * Whether the filter must see every line, or only batches in which one contains `::` or `##[`; most output need not be text.
 */
export type OutputWish = "all" | "marked";

/** What the filter makes of a batch. */
export interface FilteredLines {
  /** What is logged in place of the batch. */
  readonly lines: readonly string[];
  /** Values that must not be readable from here on, in these lines already. */
  readonly masks: readonly string[];
  /** What the filter wants from the next batch on. */
  readonly wants: OutputWish;
}

/** A line longer than this is no command and no finding; it is passed on in pieces that no filter sees, or withheld. */
const longestLine = 1024 * 1024;
const newline = 0x0a;
const withheld = Buffer.from("(a line too long to be shown)\n");

/** Cuts output into batches for a filter and gives back what is to be logged, byte for byte where the filter need not look. */
export class FilteredOutput {
  private readonly filter: OutputFilter;
  private readonly mask: (values: readonly string[]) => void;
  private wants: OutputWish;
  private open: Buffer = Buffer.alloc(0);
  /** Whether the beginning of the open line was passed on already. */
  private passing = false;

  constructor(filter: OutputFilter, mask: (values: readonly string[]) => void) {
    this.filter = filter;
    this.mask = mask;
    this.wants = filter.wants;
  }

  /** What can be logged now that these bytes came. */
  async push(chunk: Buffer): Promise<Buffer> {
    const out: Buffer[] = [];
    let bytes = this.open.length === 0 ? chunk : Buffer.concat([this.open, chunk]);
    if (this.passing) {
      const end = bytes.indexOf(newline) + 1;
      if (this.filter.tooLong !== "withhold") out.push(end === 0 ? bytes : bytes.subarray(0, end));
      this.passing = end === 0;
      bytes = this.passing ? Buffer.alloc(0) : bytes.subarray(end);
    }
    const whole = bytes.lastIndexOf(newline) + 1;
    if (whole > 0) out.push(await this.batch(bytes.subarray(0, whole)));
    this.open = Buffer.from(bytes.subarray(whole));
    if (this.open.length > longestLine) {
      out.push(this.filter.tooLong === "withhold" ? withheld : this.open);
      this.open = Buffer.alloc(0);
      this.passing = true;
    }
    return out.length === 1 ? out[0]! : Buffer.concat(out);
  }

  /** The last line when it has no end. */
  async end(): Promise<Buffer> {
    const rest = this.open;
    this.open = Buffer.alloc(0);
    return rest.length === 0 ? rest : this.batch(rest);
  }

  private async batch(bytes: Buffer): Promise<Buffer> {
    if (this.wants === "marked" && !bytes.includes("::") && !bytes.includes("##[")) return bytes;
    const ended = bytes.at(-1) === newline;
    const text = bytes.toString("utf8", 0, ended ? bytes.length - 1 : bytes.length);
    const { lines, masks, wants } = await this.filter.lines(text.split("\n"));
    this.wants = wants;
    if (masks.length > 0) this.mask(masks);
    if (lines.length === 0) return Buffer.alloc(0);
    return Buffer.from(ended ? `${lines.join("\n")}\n` : lines.join("\n"));
  }
}
