// The same in a browser, for machines that have Chromium, from the service's own address.

export const steps = [
  {
    name: "open the page",
    async run({ page, variables }) {
      await page.goto(`${variables.FRONTEND_URL}/`);
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
