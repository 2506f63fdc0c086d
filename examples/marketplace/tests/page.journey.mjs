// The same in a browser, for machines that have Chromium: fairway.config.ts says how to ask for it.

export const steps = [
  {
    name: "open the page",
    async run({ page, url }) {
      await page.goto(url);
      await page.getByRole("heading", { name: "Made by hand, one at a time." }).waitFor();
    },
  },
  {
    name: "know where one is",
    async run({ page }) {
      const title = await page.title();
      if (!title.includes("Kiln & Loom")) throw new Error(`the title is ${title}`);
    },
  },
];
