const day = 24 * 60 * 60 * 1000;

/** A number in [0, 1) that is always the same for the same text (FNV-1a). */
function fraction(text) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}

const wave = (at, period, phase) => Math.sin(2 * Math.PI * (at / period + phase));

/**
 * The price of a listing at a moment, in cents: the maker's price, moving by at most 4 % as makers of this market agree
 * to. It depends on nothing but the listing and the time, so every replica of every release quotes the same.
 */
export function dayPrice({ id, priceCents }, at) {
  const phase = fraction(id);
  const move = 0.5 * wave(at, day, phase) + 0.3 * wave(at, 47_000, phase * 7) + 0.2 * wave(at, 13_000, phase * 13);
  return Math.round(priceCents * (1 + 0.04 * move));
}
