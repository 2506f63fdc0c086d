import { element } from "./element.mjs";

/**
 * What stands above the things.
 *
 * @param {Element} place
 * @param {{ listings: any[], [more: string]: any }} found
 */
export function showBrowse(place, { listings }) {
  const makers = new Set(listings.map(({ maker }) => maker));
  place.replaceChildren(element("p", { textContent: `${listings.length} things by ${makers.size} makers` }));
}
