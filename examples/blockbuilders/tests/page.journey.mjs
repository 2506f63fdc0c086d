// What a builder sees first, in a browser, for machines that have Chromium.

export const steps = [
  {
    name: "open the page",
    async run({ page, variables }) {
      await page.goto(`${variables.WEB_URL}/`);
      await page.getByRole("heading", { name: "Blockbuilders" }).waitFor();
    },
  },
];
