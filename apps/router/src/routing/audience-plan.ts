import { createHash, randomInt } from "node:crypto";
import type { Audience, Route } from "@fairway/core";
import type { HeaderLines } from "../http1/header-lines.ts";

/** How far apart clients are told: each has one of so many places, and a share of them meets the new release. */
const places = 10_000;
/** Longer than a rollout may take; after that a client is dealt out anew. */
const cookieSeconds = 7 * 24 * 3600;

/** How the requests of one route are told apart while one of its releases is new, made ready for each request. */
export interface AudiencePlan {
  readonly release: string;
  /** Whether this request is one of those that always go to the new release. */
  isMatch(lines: HeaderLines): boolean;
  /** Null where clients are not kept to a release. */
  readonly sticky: StickyPlan | null;
}

/** Which release a client is kept to. */
export interface StickyPlan {
  /** What its cookie says: `new` or `old`; undefined when it has none of this rollout. */
  sideOf(lines: HeaderLines): "new" | "old" | undefined;
  /** The cookie of a client that was just given to one of the two. */
  cookieFor(side: "new" | "old", secure: boolean): string;
}

/** The plan of a route; null when its requests are not told apart. */
export function audiencePlan(name: string, route: Pick<Route, "audience" | "groups">): AudiencePlan | null {
  const { audience } = route;
  if (audience === undefined) return null;
  return {
    release: audience.release,
    isMatch: matcher(audience.match),
    sticky: audience.sticky === true ? stickyPlan(name, audience.release, shareOf(route, audience)) : null,
  };
}

/** Of all the places, those below this one meet the new release. */
function shareOf({ groups }: Pick<Route, "groups">, { release }: Audience): number {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  const own = groups.find((group) => group.release === release)?.weight ?? 0;
  return total === 0 ? 0 : Math.round((places * own) / total);
}

/**
 * A client gets a place once, and the share tells on which side of the border that is. As the border only rises while
 * the share grows, whoever has met the new release stays with it. The cookie is bound to route and release: the next
 * rollout deals everybody out anew, and what it does not know it does not heed.
 */
function stickyPlan(route: string, release: string, border: number): StickyPlan {
  const cookie = `fairway-${digest(route).slice(0, 8)}`;
  const bound = digest(`${route}\0${release}`).slice(0, 16);
  const value = new RegExp(String.raw`\r\ncookie:[^\r]*?[ \t;]${cookie}=${bound}\.(\d{1,5})(?=[ \t;]|\r|$)`, "i");
  return {
    sideOf(lines) {
      const place = value.exec(lines)?.[1];
      return place === undefined ? undefined : Number(place) < border ? "new" : "old";
    },
    cookieFor(side, secure) {
      const place =
        side === "new" ? randomInt(0, Math.max(1, border)) : randomInt(Math.min(border, places - 1), places);
      const attributes = `Path=/; Max-Age=${cookieSeconds}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
      return `${cookie}=${bound}.${place}; ${attributes}`;
    },
  };
}

function matcher(match: Audience["match"]): (lines: HeaderLines) => boolean {
  const patterns = [
    ...Object.entries(match?.headers ?? {}).map(([name, value]) => `${escaped(name)}:[ \\t]*${escaped(value)}[ \\t]*`),
    ...Object.entries(match?.cookies ?? {}).map(
      ([name, value]) => `cookie:(?:[^\\r]*;)?[ \\t]*${escaped(name)}=${escaped(value)}[ \\t]*(?:;[^\\r]*)?`,
    ),
  ];
  if (patterns.length === 0) return () => false;
  // Names of headers have no case, and values have one: each name is spelt in both.
  const any = new RegExp(`\\r\\n(?:${patterns.map(caselessName).join("|")})(?=\\r|$)`);
  return (lines) => any.test(lines);
}

/** A pattern whose part before the colon takes letters of either case. */
function caselessName(pattern: string): string {
  const colon = pattern.indexOf(":");
  const name = pattern
    .slice(0, colon)
    .replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
  return name + pattern.slice(colon);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
