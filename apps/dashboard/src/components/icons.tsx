import type { ReactElement } from "react";

/** Drawn here, so that none is loaded. Each is decoration: what it means stands beside it in words. */
const paths = {
  check: "M3.5 8.5l3 3 6-7",
  cross: "M4.5 4.5l7 7m0-7l-7 7",
  bang: "M8 4v5m0 2.6v.2",
  pause: "M6 5v6m4-6v6",
  stop: "M5 5h6v6H5z",
  arrow: "M3 8h9.5m-4-4l4 4-4 4",
  back: "M6 4L2.5 7.5 6 11M3 7.5h6.5a3.5 3.5 0 010 7H8",
  lock: "M4.5 7.5h7v6h-7zM6 7.5V5a2 2 0 014 0v2.5",
  snow: "M8 2v12M2.8 5l10.4 6M13.2 5L2.8 11",
  search: "M7 12A5 5 0 107 2a5 5 0 000 10zm3.7-1.3L14 14",
  menu: "M2.5 4.5h11M2.5 8h11m-11 3.5h11",
  chevron: "M6 4l4 4-4 4",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  down: "M8 2.5v9m-4-4l4 4 4-4M3 14h10",
  link: "M6.5 9.5l3-3M7 5l1.5-1.5a2.5 2.5 0 013.5 3.5L10.5 8.5M9 11l-1.5 1.5A2.5 2.5 0 014 9l1.5-1.5",
  external: "M6 3.5H3v9.5h9.5V10M9 3h4v4m0-4L7.5 8.5",
} as const;

export type IconName = keyof typeof paths;

/** A small picture, as wide as a letter. */
export function Icon({ name }: { readonly name: IconName }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
