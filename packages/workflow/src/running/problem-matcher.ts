/** One line pattern of a problem matcher: a regular expression and which of its groups says what. */
export interface ProblemPattern {
  readonly regexp: string;
  readonly file?: number;
  readonly fromPath?: number;
  readonly line?: number;
  readonly column?: number;
  readonly severity?: number;
  readonly code?: number;
  readonly message?: number;
  readonly loop?: boolean;
}

/** How one tool prints its findings. Plain JSON: it is kept with the step that added it. */
export interface ProblemMatcher {
  readonly owner: string;
  readonly severity: string;
  readonly fromPath: string;
  readonly pattern: readonly ProblemPattern[];
}

/** What a matcher found on a line, as text. */
export interface Finding {
  readonly file?: string | undefined;
  readonly fromPath?: string | undefined;
  readonly line?: string | undefined;
  readonly column?: string | undefined;
  readonly severity?: string | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

const groups = ["file", "line", "column", "severity", "code", "message", "fromPath"] as const;

/** Reads the file that `::add-matcher::` names; throws a sentence where the official runner throws (IssueMatcherConfig). */
export function readMatchers(text: string): readonly ProblemMatcher[] {
  const read: unknown = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  const list = isObject(read) ? read["problemMatcher"] : undefined;
  if (!Array.isArray(list)) return [];
  const matchers = list.map((one) => readMatcher(one));
  const seen = new Set<string>();
  for (const { owner } of matchers) {
    if (seen.has(owner.toLowerCase())) throw new TypeError(`Duplicate owner name '${owner}'`);
    seen.add(owner.toLowerCase());
  }
  return matchers;
}

function readMatcher(value: unknown): ProblemMatcher {
  const owner = isObject(value) ? textOf(value["owner"]) : "";
  if (!isObject(value) || owner === "") throw new TypeError("Owner must not be empty");
  const severity = textOf(value["severity"]);
  if (!["", "error", "warning", "notice"].includes(severity.toLowerCase())) {
    throw new TypeError(`Matcher '${owner}' contains unexpected default severity '${severity}'`);
  }
  const patterns = Array.isArray(value["pattern"]) ? value["pattern"] : [];
  if (patterns.length === 0) throw new TypeError(`Matcher '${owner}' does not contain any patterns`);
  const taken = new Set<string>();
  const pattern = patterns.map((one, index) => readPattern(one, index, patterns.length, taken));
  if (!taken.has("message")) throw new TypeError("At least one pattern must set 'message'");
  return { owner, severity, fromPath: textOf(value["fromPath"]), pattern };
}

function readPattern(value: unknown, index: number, count: number, taken: Set<string>): ProblemPattern {
  if (!isObject(value)) throw new TypeError("A pattern must be an object");
  const regexp = textOf(value["regexp"]);
  const loop = value["loop"] === true;
  if (loop && (index === 0 || index < count - 1)) {
    throw new TypeError("Only the last pattern in a multiline matcher may set 'loop'");
  }
  if (loop && typeof value["message"] !== "number") throw new TypeError("The loop pattern must set 'message'");
  // An alternative that matches nothing tells how many groups there are.
  const groupCount = new RegExp(`${regexp}|`).exec("")?.length ?? 1;
  const numbers: Partial<Record<(typeof groups)[number], number>> = {};
  for (const name of groups) {
    const number = value[name];
    if (number === undefined || number === null) continue;
    if (taken.has(name)) throw new TypeError(`The property '${name}' is set twice`);
    if (typeof number !== "number" || !Number.isInteger(number) || number < 0 || number >= groupCount) {
      throw new TypeError(`The property '${name}' is set to ${JSON.stringify(number)} which is out of range`);
    }
    taken.add(name);
    numbers[name] = number;
  }
  return { regexp, ...numbers, ...(loop ? { loop } : {}) };
}

/** Feeds lines to one matcher; it remembers what earlier lines of a finding that spans several said. */
export class MatcherState {
  readonly matcher: ProblemMatcher;
  readonly #patterns: readonly RegExp[];
  #running: (Finding | undefined)[];

  constructor(matcher: ProblemMatcher, running: readonly (Finding | undefined)[] = []) {
    this.matcher = matcher;
    this.#patterns = matcher.pattern.map(({ regexp }) => new RegExp(regexp));
    this.#running = [...running];
  }

  /** The same at this moment, so that a batch of lines can be tried. */
  copy(): MatcherState {
    return new MatcherState(this.matcher, this.#running);
  }

  reset(): void {
    this.#running = [];
  }

  /** What the line says when it completes a finding. */
  match(line: string): Finding | undefined {
    const last = this.#patterns.length - 1;
    for (let index = last; index >= 0; index--) {
      const before = index > 0 ? this.#running[index - 1] : undefined;
      if (index > 0 && before === undefined) continue;
      const pattern = this.matcher.pattern[index];
      const found = this.#patterns[index]?.exec(line);
      if (pattern === undefined) continue;
      if (found === null || found === undefined) {
        this.#running[index === last && last > 0 ? index - 1 : index] = undefined;
        continue;
      }
      const finding = this.#finding(before, pattern, found);
      if (index < last) {
        this.#running[index] = finding;
        continue;
      }
      this.reset();
      if (pattern.loop === true) this.#running[index - 1] = before;
      return this.#withDefaults(finding);
    }
    return undefined;
  }

  #finding(before: Finding | undefined, pattern: ProblemPattern, found: RegExpExecArray): Finding {
    const finding: Partial<Record<(typeof groups)[number], string | undefined>> = {};
    for (const name of groups) {
      const group = pattern[name];
      finding[name] = before?.[name] ?? (group === undefined ? undefined : (found[group] ?? ""));
    }
    return finding;
  }

  #withDefaults(finding: Finding): Finding {
    const { severity, fromPath } = this.matcher;
    return { ...finding, severity: finding.severity || severity, fromPath: finding.fromPath || fromPath };
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
