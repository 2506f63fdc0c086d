/** Which version of a secret a deployment starts its services with. */
export interface PlannedSecret {
  readonly name: string;
  /** In words that tell nothing of the value; null when it has none, which keeps what needs it from starting. */
  readonly version: string | null;
  /** What the deployment before was started with; null when it had none, or that is not known. */
  readonly from: string | null;
}

/** What must be known of an environment's secrets to plan. */
export interface SecretPlanFacts {
  /** Every name that the release refers to there. */
  readonly names: readonly string[];
  /** The versions there are now, by name. */
  readonly now: Readonly<Record<string, string>>;
  /** Those that the deployment before was started with. */
  readonly before: Readonly<Record<string, string>>;
}

/** The versions by name, of every secret that is referred to. */
export const plannedSecrets = ({ names, now, before }: SecretPlanFacts): readonly PlannedSecret[] =>
  names.toSorted().map((name) => ({ name, version: valueOf(now, name), from: valueOf(before, name) }));

/** Only what is another version than before, or has none. */
export const movedSecrets = (secrets: readonly PlannedSecret[]): readonly PlannedSecret[] =>
  secrets.filter(({ version, from }) => version === null || version !== from);

const valueOf = (versions: Readonly<Record<string, string>>, name: string): string | null =>
  Object.hasOwn(versions, name) ? (versions[name] ?? null) : null;
