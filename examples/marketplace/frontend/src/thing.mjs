import { artOf } from "./art.mjs";
import { element } from "./element.mjs";
import { money } from "./money.mjs";
import { showWorth } from "./worth.mjs";

/** One listing on the page, with `setPrice` for when the price of the day moves. */
export function createThing(listing, { api, onOrder, flags }) {
  const price = element("span", { textContent: money(listing.dayPriceCents) });
  const worth = element("div", { className: "worth", hidden: true });
  const ask = element("button", { type: "button", className: "quiet", textContent: "What is it worth?" });
  const order = element("button", { type: "button", className: "strong", textContent: "Order" });
  order.setAttribute("aria-label", `Order ${listing.title}`);
  ask.setAttribute("aria-label", `What is ${listing.title} worth?`);

  let now = listing.dayPriceCents;
  order.addEventListener("click", () => onOrder({ ...listing, dayPriceCents: now }));
  ask.addEventListener("click", () => void showWorth({ api, listing, ask, worth }));

  const when =
    flags.isOn("delivery-dates") && listing.deliverBy
      ? `yours by ${new Date(listing.deliverBy).toLocaleDateString("en", { day: "numeric", month: "long" })}`
      : `made in ${listing.leadDays} days`;
  const node = element(
    "li",
    { className: "thing" },
    artOf(listing),
    element(
      "div",
      { className: "about" },
      element("h2", { textContent: listing.title }),
      element("p", { className: "maker", textContent: `${listing.maker}, ${listing.place}` }),
      element("p", { textContent: listing.description }),
      element("p", { className: "price" }, price, element("span", { className: "lead", textContent: when })),
      worth,
      element("div", { className: "buttons" }, ask, order),
    ),
  );

  return {
    listing,
    node,
    setPrice(cents) {
      if (cents === now) return;
      price.dataset.move = cents > now ? "up" : "down";
      price.textContent = money(cents);
      now = cents;
    },
  };
}
