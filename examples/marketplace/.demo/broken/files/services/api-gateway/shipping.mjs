import { readFileSync } from "node:fs";

const { currency, zones } = JSON.parse(
  readFileSync(new URL("../../data/shipping-rates.json", import.meta.url), "utf8"),
);
const byPlace = new Map(zones.flatMap((zone) => zone.places.map((place) => [place, zone])));

/** What it costs to send a thing from where it is made; null for a place that we have no rate for. */
export function shippingFrom(place) {
  const zone = byPlace.get(place);
  return zone ? { zone: zone.name, cents: zone.cents, currency } : null;
}
