import type { NoticeKind, NoticeLevel, ReleaseId } from "@fairway/core";
import type { Body, FoundNotice } from "./found-notice.ts";
import { word } from "./found-notice.ts";

const words = (value: unknown): string => (Array.isArray(value) ? value.map((one) => word(one)).join(", ") : "");
const orNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

const kinds = {
  opened: { kind: "incident.opened", level: "error" },
  confirmed: { kind: "incident.confirmed", level: "warning" },
  closed: { kind: "incident.closed", level: "success" },
} as const satisfies Readonly<Record<string, { readonly kind: NoticeKind; readonly level: NoticeLevel }>>;

/** What people are told of an incident; null for what is only written down. */
export function ofIncident(number: string, told: Body): FoundNotice | null {
  const became = word(told["became"]);
  if (!Object.hasOwn(kinds, became)) return null;
  const { kind, level } = kinds[became as keyof typeof kinds];
  return {
    about: `incident ${number} ${became} ${word(told["severity"])}`,
    notice: {
      ...{ kind, level },
      title: `${number} SEV${word(told["severity"])} ${became}: ${word(told["title"])}`,
      text: word(told["text"]),
      ...{ environment: orNull(told["environment"]), run: null, release: orNull(told["release"]) as ReleaseId | null },
      url: null,
      facts: became === "opened" ? [{ name: "Confirm it", value: `fairway incidents confirm ${number} 1..4` }] : [],
      thread: `incident ${number}`,
    },
  };
}

/** That the pack of a release is there. */
export const ofPack = (release: string, { digest, to, files }: Body): FoundNotice => ({
  about: `pack ${release} ${word(digest)}`,
  notice: {
    ...{ kind: "notice.sent", level: "info" },
    title: `${release}: what it says is there for ${words(to)}`,
    text: words(files),
    ...{ environment: null, run: null, release: release as ReleaseId, url: null },
    facts: [
      { name: "Pack", value: word(digest).slice(0, 12) },
      { name: "Say that you have it", value: `fairway notice receive ${release}` },
    ],
    thread: `pack ${release}`,
  },
});

/** The summary of the operations log, as it was written. */
export const ofSummary = (until: string, { title, text }: Body): FoundNotice => ({
  about: `summary ${until}`,
  notice: {
    ...{ kind: "operations.summary", level: "info", title: word(title), text: word(text).slice(0, 3000) },
    ...{ environment: null, run: null, release: null, url: null, facts: [], thread: `summary ${until}` },
  },
});
