import type { AccessReviewShape } from "@fairway/api";

type Principal = AccessReviewShape["principals"][number];

/** Those with a text in their name, kind, access or concerns, whoever is not decided yet first. */
export function principalsLike(principals: readonly Principal[], text: string): readonly Principal[] {
  const wanted = text.trim().toLowerCase();
  return principals
    .filter(({ principal, kind, access, concerns }) =>
      [principal, kind, ...access, ...concerns].some((each) => each.toLowerCase().includes(wanted)),
    )
    .toSorted((one, other) => Number(one.decision !== null) - Number(other.decision !== null));
}
