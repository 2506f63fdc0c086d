import { element } from "./element.mjs";

/** Choosing by what things are made of: one chip per category with how many there are, and one for all of them. */
export function showBrowse(place, { categories, listings, things }) {
  const chips = [{ name: null, count: listings.length }, ...categories].map(({ name, count }) => {
    const label = name ?? "everything";
    const chip = element(
      "button",
      { type: "button", className: "chip" },
      label,
      element("span", { textContent: count }),
    );
    chip.addEventListener("click", () => choose(name));
    return { name, chip };
  });

  function choose(wanted) {
    for (const { name, chip } of chips) chip.setAttribute("aria-pressed", String(name === wanted));
    for (const { node, listing } of things) node.hidden = wanted !== null && listing.category !== wanted;
  }

  choose(null);
  const row = element("div", { className: "chips" }, ...chips.map(({ chip }) => chip));
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Made of");
  place.replaceChildren(row);
}
