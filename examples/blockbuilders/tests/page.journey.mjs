// What a builder sees first, in a browser, for machines that have Chromium.

export const steps = [
  {
    name: "open the page",
    async run({ page, url }) {
      await page.goto(url);
      await page.getByRole("heading", { name: "Blockbuilders" }).waitFor();
    },
  },
];
