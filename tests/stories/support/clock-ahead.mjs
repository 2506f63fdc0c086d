// Loaded into a daemon by NODE_OPTIONS: its clock is ahead by so many milliseconds, as if it were started so much later.
const ahead = Number(process.env["STORY_CLOCK_AHEAD"] ?? "0");
const RealDate = Date;

globalThis.Date = class extends RealDate {
  /** @param {readonly unknown[]} given */
  constructor(...given) {
    // @ts-expect-error Its overloads know no rest.
    super(...(given.length === 0 ? [RealDate.now() + ahead] : given));
  }

  static now() {
    return RealDate.now() + ahead;
  }
};
