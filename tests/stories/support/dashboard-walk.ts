import type { Page } from "playwright-core";

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
 * What is not as it should be on a page that is refused all that it asks for, whose refusal says "the database cannot be read": it
 * says why, what helps, and asks again when it is told to.
 */
export async function wrongWhenRefused(page: Page): Promise<readonly string[]> {
  const alert = page.locator(`${main} [role=alert]`).first();
  await alert.waitFor();
  await settled(page);
  const words = (await alert.textContent()) ?? "";
  return ["The database cannot be read", "Look at its log", "Try again"].filter((each) => !words.includes(each));
}
