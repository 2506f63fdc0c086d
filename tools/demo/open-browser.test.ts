import { expect, test } from "vitest";
import { browserOpener } from "./open-browser.mjs";

const here = { platform: "linux", env: { DISPLAY: ":0" }, isTerminal: true, args: [] as string[] };

test("a browser is opened for who sits at a terminal with a display", () => {
  expect(browserOpener(here)).toBe("xdg-open");
  expect(browserOpener({ ...here, env: { WAYLAND_DISPLAY: "wayland-0" } })).toBe("xdg-open");
  expect(browserOpener({ ...here, platform: "darwin", env: {} })).toBe("open");
});

test("never in CI, without a terminal or a display, with --exit, or with --no-open", () => {
  expect(browserOpener({ ...here, env: { DISPLAY: ":0", CI: "true" } })).toBeNull();
  expect(browserOpener({ ...here, isTerminal: false })).toBeNull();
  expect(browserOpener({ ...here, env: {} })).toBeNull();
  expect(browserOpener({ ...here, args: ["--exit"] })).toBeNull();
  expect(browserOpener({ ...here, args: ["--no-open"] })).toBeNull();
  expect(browserOpener({ ...here, platform: "darwin", env: { SSH_CONNECTION: "10.0.0.1 22" } })).toBeNull();
});
