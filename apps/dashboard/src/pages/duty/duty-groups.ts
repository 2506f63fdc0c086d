/** The parts of a board of readiness, in their order. */
export const groupNames = [
  "Keys",
  "Backups and drills",
  "Compliance",
  "People and documents",
  "Incidents",
  "The release",
  "Others",
] as const;
export type GroupName = (typeof groupNames)[number];

const byKind: Readonly<Record<string, GroupName>> = {
  credential: "Keys",
  scan: "Keys",
  backup: "Backups and drills",
  drill: "Backups and drills",
  probe: "Backups and drills",
  content: "Compliance",
  disclosure: "Compliance",
  export: "Compliance",
  iam: "Compliance",
  notice: "People and documents",
  playbook: "People and documents",
  docs: "People and documents",
  education: "People and documents",
  packet: "People and documents",
  role: "People and documents",
  vendor: "People and documents",
  incident: "Incidents",
  operations: "Incidents",
  approval: "The release",
  freeze: "The release",
  release: "The release",
};

/** What a duty is about: what its name has before the first `/` or `:`. */
export const kindOf = (duty: string): string => duty.split(/[/:]/, 1)[0] ?? duty;

/** Things with a duty's name by the parts of the board; parts without any are left out. */
export function inGroups<Each>(
  all: readonly Each[],
  nameOf: (each: Each) => string,
): readonly { readonly name: GroupName; readonly rows: readonly Each[] }[] {
  return groupNames
    .map((name) => ({ name, rows: all.filter((each) => (byKind[kindOf(nameOf(each))] ?? "Others") === name) }))
    .filter(({ rows }) => rows.length > 0);
}
