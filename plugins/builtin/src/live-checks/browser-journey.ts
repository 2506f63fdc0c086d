import { accessSync, constants, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { randomUUID } from "node:crypto";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import type { CheckFile, CheckTest, LiveReport, Millis } from "@fairway/core";
import { FairwayError, messageOf, reportOfTests } from "@fairway/core";
import type { Browser, Page } from "playwright-core";
import { guardingProxy } from "./guarding-proxy.ts";
import { hideInUrl } from "./exchange.ts";
import { hiddenHar } from "./hidden-har.ts";
import type { LiveAsk, LiveSettings } from "./live-ask.ts";
import { baseOf, ourHeaders } from "./live-ask.ts";
import { unmadeStep } from "./unmade-step.ts";

/** What a step of a journey is given. */
export interface BrowserStepTools {
  readonly page: Page;
  /** Where the environment is reached. */
  readonly url: string;
  readonly release: string;
  readonly environment: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** What a module exports as one of its `steps`. */
interface BrowserStep {
  readonly name: string;
  readonly run: (tools: BrowserStepTools) => Promise<unknown>;
}

/**
 * Makes a journey in a browser: the system's own Chromium, which reaches nothing past the guard of addresses. One that does
 * not end within `patience` when it is closed is left behind for the sake of the report; Playwright kills it with this process.
 */
export async function runBrowserJourney(
  file: string,
  { settings, keep }: Pick<LiveAsk, "settings" | "keep">,
  patience: Millis = 5_000,
): Promise<LiveReport> {
  const steps = await stepsOf(file);
  const proxy = await guardingProxy();
  const requestId = randomUUID();
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    // As root it has no sandbox to go into.
    chromiumSandbox: process.getuid?.() !== 0,
    proxy: { server: proxy.url, bypass: "<-loopback>" },
    args: ["--disable-dev-shm-usage", "--force-prefers-reduced-motion"],
  });
  try {
    return await inBrowser(browser, file, steps, { settings, keep, requestId, patience });
  } finally {
    await closed(browser, patience);
    await proxy.close();
  }
}

async function inBrowser(
  browser: Browser,
  file: string,
  steps: readonly BrowserStep[],
  {
    settings,
    keep,
    requestId,
    patience,
  }: {
    readonly settings: LiveSettings;
    readonly keep: string | null;
    readonly requestId: string;
    readonly patience: Millis;
  },
): Promise<LiveReport> {
  const har = keep === null ? null : join(keep, "journey.har");
  const context = await browser.newContext({
    extraHTTPHeaders: { ...ourHeaders(settings, requestId) },
    ...(har === null ? {} : { recordHar: { path: har, content: "omit" as const } }),
  });
  const page = await context.newPage();
  const tools: BrowserStepTools = {
    page,
    url: baseOf(settings),
    release: settings.release,
    environment: settings.environment,
    variables: settings.variables,
  };
  const tests: CheckTest[] = [];
  const files: CheckFile[] = [];
  const until = performance.now() + deadlineOf(settings);
  for (const { name, run } of steps) {
    if (tests.some(({ state }) => state === "failed")) {
      tests.push(unmadeStep(name));
      continue;
    }
    const began = performance.now();
    const message = await outcomeOf(run(tools), until - began);
    tests.push({
      name,
      state: message === null ? "passed" : "failed",
      took: Math.round(performance.now() - began),
      message,
      requestId,
      exchange: message === null ? null : `at ${hideInUrl(page.url())}`,
    });
    if (message !== null && keep !== null) files.push(...(await screenshot(page, keep)));
  }
  const failed = tests.some(({ state }) => state === "failed");
  await closed(context, patience);
  if (har !== null) files.push(...keptHar(har, failed));
  return { ...reportOfTests(file, tests), files };
}

/** A page that hangs gives no picture either. */
async function screenshot(page: Page, keep: string): Promise<readonly CheckFile[]> {
  try {
    await page.screenshot({ path: join(keep, "failure.png"), timeout: 5_000 });
    return [{ name: "failure.png", type: "image/png" }];
  } catch {
    return []; // The failure itself is told all the same.
  }
}

function keptHar(path: string, failed: boolean): readonly CheckFile[] {
  try {
    if (!failed) {
      rmSync(path, { force: true });
      return [];
    }
    writeFileSync(path, hiddenHar(readFileSync(path, "utf8")));
    return [{ name: "journey.har", type: "application/json" }];
  } catch {
    return []; // It was not written: the browser was gone before.
  }
}

async function outcomeOf(step: Promise<unknown>, left: number): Promise<string | null> {
  try {
    const ended = await within(
      step.then(() => "ended" as const),
      Math.max(0, left),
    );
    return ended === "ended" ? null : "it did not end in time";
  } catch (thrown) {
    return stripVTControlCharacters(messageOf(thrown));
  }
}

async function closed(what: { close(): Promise<void> }, patience: Millis): Promise<void> {
  try {
    await within(what.close(), patience);
  } catch {
    // A browser that crashed is closed already, and its report is wanted most.
  }
}

/** What comes of it, or null when it took longer. */
async function within<Result>(work: Promise<Result>, millis: number): Promise<Result | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((answer) => {
    timer = setTimeout(() => answer(null), millis);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Somewhat before the whole is ended from outside, so that there is time for a picture. */
const deadlineOf = ({ env }: LiveSettings): number => Number(env["FAIRWAY_DEADLINE"] ?? 600_000);

async function stepsOf(file: string): Promise<readonly BrowserStep[]> {
  const module = (await import(pathToFileURL(resolve(file)).href).catch((thrown: unknown) => {
    throw new FairwayError("bad_request", `${file} cannot be loaded: ${messageOf(thrown)}`);
  })) as { readonly steps?: unknown; readonly default?: unknown };
  const written = module.steps ?? (module.default as { readonly steps?: unknown } | undefined)?.steps ?? module.default;
  const steps =
    Array.isArray(written) || typeof written !== "object" || written === null
      ? written
      : Object.entries(written).map(([name, run]) => ({ name, run: run as BrowserStep["run"] }));
  const isSteps =
    Array.isArray(steps) &&
    steps.length > 0 &&
    steps.every((step: Partial<BrowserStep>) => typeof step.name === "string" && typeof step.run === "function");
  if (!isSteps)
    throw new FairwayError("bad_request", `${file} exports no steps`, {
      hint: 'export const steps = [{ name: "open the shop", run: async ({ page, url }) => { await page.goto(url); } }];',
    });
  return steps as readonly BrowserStep[];
}

const names = ["chromium", "chromium-browser", "google-chrome"];

function chromiumPath(): string {
  const given = process.env["FAIRWAY_CHROMIUM"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = given ?? folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
  if (found !== undefined) return found;
  throw new FairwayError("not_found", "there is no Chromium on the PATH, which journeys of a browser need", {
    hint: "apt-get install -y chromium",
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there, or nothing to run.
  }
}
