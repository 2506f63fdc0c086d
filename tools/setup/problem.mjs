// What goes wrong while setting up, told so that it can be mended.

/** Something that the person in front of the terminal can do something about. */
export class SetupProblem extends Error {
  /**
   * @param {string} message
   * @param {string} hint
   */
  constructor(message, hint = "") {
    super(message);
    this.hint = hint;
  }
}

const offline = "Connect to the network once; when everything is installed, Fairway needs none.";

/** npm's and the operating system's codes, in words. @type {ReadonlyMap<string, readonly [string, string]>} */
const known = new Map([
  [
    "ENOSPC",
    ["the disk is full", "Free some space (the dependencies take about 400 MB), then run the same command again."],
  ],
  ["EDQUOT", ["your disk quota is used up", "Free some space, then run the same command again."]],
  ["EROFS", ["the file system is read-only", "Clone Fairway into a directory that can be written to."]],
  ["EACCES", ["a file may not be written", "Give yourself the directory (chown -R), or clone into one of your own."]],
  ["EPERM", ["a file may not be written", "Give yourself the directory (chown -R), or clone into one of your own."]],
  ["ENOTFOUND", ["no network: the package registry's name was not found", offline]],
  ["EAI_AGAIN", ["no network: the package registry's name was not found", offline]],
  ["ECONNREFUSED", ["the package registry refused the connection", offline]],
  ["ECONNRESET", ["the package registry broke the connection", "Run the same command again."]],
  ["ETIMEDOUT", ["the package registry did not answer in time", offline]],
  ["ENETUNREACH", ["no network: the package registry cannot be reached", offline]],
  ["EHOSTUNREACH", ["no network: the package registry cannot be reached", offline]],
  ["ENOTCACHED", ["no network, and npm's cache does not hold every package", offline]],
  [
    "EINTEGRITY",
    ["a downloaded package is not what the lockfile says", "Run npm cache verify, then the same command again."],
  ],
  [
    "EUSAGE",
    ["package.json and package-lock.json disagree", "Run npm install, look at the change and commit the lockfile."],
  ],
]);

/**
 * What a code of npm or the operating system means, if it is one that is known.
 *
 * @param {string | undefined} code
 * @param {string} doing
 * @returns {SetupProblem | undefined}
 */
export function explain(code, doing) {
  const words = code === undefined ? undefined : known.get(code);
  return words === undefined ? undefined : new SetupProblem(`${doing}: ${words[0]} (${code})`, words[1]);
}

/**
 * Whatever was thrown, as a message and a hint.
 *
 * @param {unknown} thrown
 * @returns {{ readonly message: string, readonly hint: string }}
 */
export function problemOf(thrown) {
  if (thrown instanceof SetupProblem) return thrown;
  const { code, path } = /** @type {{ code?: string, path?: string }} */ (thrown);
  return (
    explain(code, `could not write ${path ?? "a file"}`) ?? {
      message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
      hint: "This is a fault in Fairway's set-up; please report it.",
    }
  );
}
