import { newKey } from "./api.mjs";
import { money } from "./money.mjs";

/** The order dialog; returns the function that opens it for a listing. */
export function createOrderDialog(api) {
  /** @type {(id: string) => any} */
  const at = (id) => document.getElementById(id);
  const dialog = at("order");
  const form = dialog.querySelector("form");
  const answer = at("order-answer");
  const send = at("order-send");
  let listing, key;

  at("order-close").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    answer.textContent = "Sending…";
    try {
      const { buyer, quantity } = Object.fromEntries(new FormData(form));
      const order = await api.order({ listingId: listing.id, buyer, quantity: Number(quantity) }, key);
      answer.textContent = `Thank you. Order ${order.number} for ${money(order.totalCents)} is with ${listing.maker}.`;
      send.hidden = true;
    } catch (error) {
      answer.textContent = error.message;
      send.disabled = false;
    }
  });
  // Another wish is another order.
  form.addEventListener("input", () => (key = newKey()));

  return (wanted) => {
    listing = wanted;
    key = newKey();
    at("order-title").textContent = listing.title;
    at("order-about").textContent =
      `By ${listing.maker}, about ${money(listing.dayPriceCents)} each, made in ${listing.leadDays} days.`;
    answer.textContent = "";
    send.disabled = false;
    send.hidden = false;
    dialog.showModal();
  };
}
