import { spawn } from "node:child_process";

/**
 * Which program shows an address to the person at this terminal; null where nobody is at one, or there is no display: in CI,
 * over SSH, or when they said `--no-open`.
 *
 * @param {{ readonly platform: string, readonly env: NodeJS.ProcessEnv, readonly isTerminal: boolean, readonly args: readonly string[] }} here
 * @returns {string | null}
 */
export function browserOpener({ platform, env, isTerminal, args }) {
  if (!isTerminal || args.includes("--no-open") || args.includes("--exit") || env.CI) return null;
  if (platform === "darwin") return env.SSH_CONNECTION ? null : "open";
  return platform === "linux" && (env.DISPLAY || env.WAYLAND_DISPLAY) ? "xdg-open" : null;
}

/**
 * Opens an address in the person's browser, where there is one. The address is printed too, so that nothing depends on it.
 *
 * @param {string} url
 */
export function openBrowser(url) {
  const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  const opener = browserOpener({ ...process, isTerminal, args: process.argv });
  if (opener === null) return;
  const child = spawn(opener, [url], { stdio: "ignore", detached: true });
  // It is not installed: the address stands in the terminal.
  child.on("error", () => undefined);
  child.unref();
}
