import type { Endpoint } from "@fairway/core";

const unsafe = /[^A-Za-z0-9.-]/g;

/** A text as HAProxy takes it for a name; what it does not take is written as its code, so that no two become one. */
const nameOf = (text: string): string =>
  text.replace(unsafe, (character) => `_${(character.codePointAt(0) ?? 0).toString(16)}_`);

/** The backend of a route: `production/api` is `r:production_2f_api`. */
export const backendOf = (route: string): string => `r:${nameOf(route)}`;

/** Whether a backend is that of a route; the others are HAProxy's own business. */
export const isRoute = (backend: string): boolean => backend.startsWith("r:");

/** The server of an endpoint. Named for its address, which is all that HAProxy knows of a replica. */
export const serverOf = ({ host, port }: Endpoint): string => `${nameOf(host)}:${port}`;

/** An endpoint's address as HAProxy reads it. */
export const addressOf = ({ host, port }: Endpoint): string =>
  host.includes(":") ? `ipv6@${host}:${port}` : `${host}:${port}`;
