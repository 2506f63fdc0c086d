import { element } from "./element.mjs";
import { money } from "./money.mjs";

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Looks at an appraisal until it is done. One failed look is no end: the next replica may answer it. */
async function follow(api, id, onProgress) {
  for (let failures = 0; failures < 5;) {
    await pause(700);
    try {
      const job = await api.appraisal(id);
      onProgress(job);
      if (job.state === "succeeded") return job;
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 5) throw error;
    }
  }
}

/** Has a listing appraised and shows how far that is, in the card. */
export async function showWorth({ api, listing, ask, worth }) {
  ask.disabled = true;
  worth.hidden = false;
  const text = element("span", { textContent: "Looking at it…" });
  const bar = element("progress", { max: 1, value: 0 });
  bar.setAttribute("aria-label", "How far the appraisal is");
  worth.replaceChildren(text, bar);
  try {
    const { id } = await api.appraise({ listingId: listing.id, category: listing.category });
    const { worth: found } = await follow(api, id, ({ progress }) => (bar.value = progress));
    text.textContent = `Worth ${money(found.cents)}, most likely between ${money(found.low)} and ${money(found.high)}.`;
    bar.remove();
  } catch (error) {
    text.textContent = error.message;
    bar.remove();
  } finally {
    ask.disabled = false;
  }
}
