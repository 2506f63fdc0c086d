interface Place {
  readonly project: string | null;
  readonly environment: string | null;
}

/** Where a role counts, in words. */
export function placeWords({ project, environment }: Place): string {
  if (project === null && environment === null) return "everywhere";
  return [environment === null ? null : `in ${environment}`, project === null ? null : `of ${project}`]
    .filter((word) => word !== null)
    .join(" ");
}
