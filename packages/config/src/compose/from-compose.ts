import { nameFrom } from "../name-from.ts";
import type { Path } from "../path.ts";
import type { Place } from "../places.ts";
import { topLevel } from "./compose-reasons.ts";
import { adviceOn, refusalOf } from "./compose-refusals.ts";
import { type DataStore, dataStoreOf } from "./data-stores.ts";
import { type ComposeSurroundings, type FromCompose, proposeService } from "./propose-service.ts";
import type { Compose, ComposeService } from "./read-compose.ts";

/** Something of a compose file that the configuration does not have, and what to do about it. */
export interface NotCarried extends Place {
  readonly file: string;
  /** `services.web.volumes`. */
  readonly what: string;
  readonly why: string;
}

/** Proposes services for those of a compose file, and says of everything else why it is not there. */
export function servicesFromCompose(
  compose: Compose,
  around: ComposeSurroundings,
): { readonly services: readonly FromCompose[]; readonly notCarried: readonly NotCarried[] } {
  const notCarried: NotCarried[] = [];
  const leave = (path: Path, why: string): void =>
    void notCarried.push({ ...compose.placeOf(path), what: path.join("."), why });
  for (const key of Object.keys(compose.top)) {
    if (key === "name" || key === "version" || key.startsWith("x-")) continue;
    leave([key], topLevel[key] ?? "has no counterpart");
  }
  const stores = new Map<string, DataStore>();
  const kept: ComposeService[] = [];
  for (const service of compose.services) {
    const { image } = service.keys;
    const store = typeof image === "string" && service.keys["build"] === undefined ? dataStoreOf(image) : null;
    if (store !== null) stores.set(service.name, store);
    else if (refusalOf(service) === null) kept.push(service);
  }
  const names = new Map(kept.map(({ name }) => [name, nameFrom(name)]));
  for (const service of compose.services) {
    const at: Path = ["services", service.name];
    const store = stores.get(service.name);
    if (store !== undefined) leave(at, adviceOn(service.name, store, compose));
    else if (!names.has(service.name)) leave(at, refusalOf(service) ?? "");
  }
  const services = kept.map((service) => proposeService(service, { compose, around, stores, names, leave }));
  const order = compose.files;
  return {
    services,
    notCarried: notCarried.toSorted(
      (a, b) => order.indexOf(a.file) - order.indexOf(b.file) || a.line - b.line || a.column - b.column,
    ),
  };
}
