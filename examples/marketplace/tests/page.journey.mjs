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
    name: "see what there is",
    async run({ page }) {
      await page.getByText(/\d+ things by \d+ makers/u).waitFor();
    },
  },
];
