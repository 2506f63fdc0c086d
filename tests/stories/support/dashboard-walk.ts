import axe from "axe-core";
import type { Page } from "playwright-core";
import type { PageStates } from "../../../tools/dashboard-states.ts";

// Going from page to page as links do, without loading anything anew: what costs is the load.

/** The part of a page that is its own. */
const main = "main#main";

/** Waits until a page shows all that it asked for, or why it cannot. */
export async function settled(page: Page): Promise<void> {
  await page.locator(`${main} h1`).first().waitFor();
  await page.locator(".loading").first().waitFor({ state: "detached" });
}

/** Goes to another page whose title is another. Its heading is there; what it asks for may still be coming. */
export async function walk(page: Page, to: string): Promise<void> {
  await page.evaluate(`new Promise((done) => {
    const was = document.title;
    const watch = new MutationObserver(() => {
      if (document.title === was) return;
      watch.disconnect();
      done();
    });
    watch.observe(document.head, { childList: true, subtree: true, characterData: true });
    history.pushState({}, "", ${JSON.stringify(to)});
  })`);
  await page.locator(`${main} h1`).first().waitFor();
}

/**
 * What is not as it should be on a page that is refused all that it asks for, whose refusal says "the database cannot be read":
 * it says why, what helps, and asks again when it is told to.
 */
export async function wrongWhenRefused(page: Page): Promise<readonly string[]> {
  const alert = page.locator(`${main} [role=alert]`).first();
  await alert.waitFor();
  await settled(page);
  const words = (await alert.textContent()) ?? "";
  return ["The database cannot be read", "Look at its log", "Try again"].filter((each) => !words.includes(each));
}

/** What axe finds against WCAG 2.2 AA on a page, or on a part of it, that stands still, in short. */
export async function faultsOfAccess(page: Page, part?: string): Promise<readonly string[]> {
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(axe.source);
  await page.evaluate(`(async () => {
    for (let frames = 0; document.getAnimations().length > 0; frames++) {
      if (frames === 600) throw new Error("the page does not come to rest");
      await new Promise(requestAnimationFrame);
    }
  })()`);
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run(${part === undefined ? "document" : JSON.stringify(part)}, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })`,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** Opens one after the other the dialogs that the buttons of a page open, those with the same words once, and looks at each. */
export async function openDialogs(page: Page, look: (verb: string) => Promise<void>): Promise<void> {
  await page.evaluate(`for (const folded of document.querySelectorAll("${main} details")) folded.open = true`);
  const openers = page.locator(`${main} button[aria-haspopup=dialog]:not([aria-disabled=true]):visible`);
  const verbs = await openers.allTextContents();
  for (const [index, verb] of verbs.entries()) {
    if (verbs.indexOf(verb) !== index) continue;
    await openers.nth(index).click();
    const dialog = page.locator("dialog[open]");
    await dialog.waitFor();
    await dialog.locator(".loading").first().waitFor({ state: "detached" });
    await look(verb);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }
}

/** What everybody may press wherever it is: it changes nothing. */
const harmless = /^(Copy |Show \d+ more|Try again$|Search$)/u;

interface SeenButton {
  readonly name: string;
  readonly off: boolean;
  readonly reason: string;
}

/** What is not as it should be on a page that somebody looks at who may only look. */
export async function wrongForViewer(page: Page, states: PageStates | undefined): Promise<readonly string[]> {
  const buttons = await page.evaluate<
    readonly SeenButton[]
  >(`[...document.querySelectorAll("${main} button")].map((button) => {
    const reason = document.getElementById(button.getAttribute("aria-describedby") ?? "");
    const words = [...button.childNodes].filter((node) => node !== reason).map((node) => node.textContent).join("");
    return {
      name: button.getAttribute("aria-label") ?? words.trim(),
      off: button.disabled || button.getAttribute("aria-disabled") === "true",
      reason: reason?.textContent ?? "",
    };
  })`);
  const mayPress = states?.viewersPress ?? [];
  const offered = buttons.filter(({ off, name }) => !off && !harmless.test(name) && !mayPress.includes(name));
  const silent = buttons.filter(({ off, reason }) => off && reason === "");
  const words = (await page.locator(`${main} [role=alert]`).allTextContents()).join(" ");
  const wanted = states?.refusesViewers === true ? ["You may not see this", "Whoever has the role admin may"] : [];
  return [
    ...offered.map(({ name }) => `lets them press "${name}"`),
    ...silent.map(({ name }) => `does not say why "${name}" may not be pressed`),
    ...wanted.filter((each) => !words.includes(each)).map((each) => `does not say "${each}"`),
    ...(wanted.length === 0 && words.includes("You may not") ? [`refuses to be seen: ${words}`] : []),
  ];
}
