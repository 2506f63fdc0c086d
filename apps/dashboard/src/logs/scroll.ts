/** What a browser scrolls, and how far the list is beyond that, in pixels. */
export interface Scroll {
  readonly top: number;
  /** Added to `top` it is the place in the list. */
  readonly offset: number;
}

/** The tallest space that every browser can scroll, in pixels: Firefox ends at 17.8 million. */
export const tallest = 15_000_000;

/** Where the list is after the browser has scrolled: nearby it moves as the browser does, a long way in proportion. */
export function scrolled(before: Scroll, top: number, view: number, total: number): Scroll {
  const reach = Math.min(total, tallest) - view;
  const beyond = total - Math.min(total, tallest);
  if (beyond <= 0 || reach <= 0) return { top, offset: 0 };
  // Its ends are the ends of the list.
  if (top <= 0) return { top, offset: 0 };
  if (top >= reach) return { top, offset: beyond };
  if (Math.abs(top - before.top) < view) return { top, offset: Math.min(before.offset, beyond) };
  return { top, offset: Math.round((top / reach) * beyond) };
}

/** How to scroll so that a place in the list, in pixels, is at the top. */
export function placeOf(wanted: number, view: number, total: number): Scroll {
  const place = Math.max(0, Math.min(wanted, total - view));
  const reach = Math.min(total, tallest) - view;
  if (total <= tallest || reach <= 0) return { top: place, offset: 0 };
  const top = Math.round((place / (total - view)) * reach);
  return { top, offset: place - top };
}

/** The first row that is seen and the last, counted from 0. */
export const rowsIn = (
  { top, offset }: Scroll,
  view: number,
  rowHeight: number,
): { readonly first: number; readonly last: number } => ({
  first: Math.max(0, Math.floor((top + offset) / rowHeight)),
  last: Math.max(0, Math.floor((top + offset + view) / rowHeight)),
});
