/** One rule of a lifecycle policy, as ECR takes it. */
interface LifecycleRule {
  readonly rulePriority: number;
  readonly description: string;
  readonly selection: Readonly<Record<string, unknown>>;
  readonly action: { readonly type: "expire" };
}

/** A lifecycle policy, as ECR takes it. */
export interface LifecyclePolicy {
  readonly rules: readonly LifecycleRule[];
}

/**
 * Takes away what has no tag, and what previews leave, after some days. What a release needs has a tag that begins with
 * `fairway-kept-`: the first rule claims it, and ECR lets no later rule expire what an earlier one has claimed.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html
 */
export const lifecyclePolicy = ({ untaggedDays }: { readonly untaggedDays: number }): LifecyclePolicy => ({
  rules: [
    {
      rulePriority: 1,
      description: "what releases need stays",
      selection: {
        tagStatus: "tagged",
        tagPrefixList: ["fairway-kept-"],
        countType: "imageCountMoreThan",
        countNumber: 9_999,
      },
      action: { type: "expire" },
    },
    {
      rulePriority: 2,
      description: "what previews leave",
      selection: {
        tagStatus: "tagged",
        tagPrefixList: ["preview-"],
        countType: "sinceImagePushed",
        countUnit: "days",
        countNumber: untaggedDays,
      },
      action: { type: "expire" },
    },
    {
      rulePriority: 3,
      description: "what nothing names",
      selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: untaggedDays },
      action: { type: "expire" },
    },
  ],
});

/** Rules of somebody's policy that may take away images that releases need, as sentences; none where there are none. Pure. */
export function lifecycleThreats(text: string): readonly string[] {
  const { rules = [] } = JSON.parse(text) as Partial<LifecyclePolicy>;
  const claims = rules
    .filter(({ selection }) => prefixesOf(selection).includes("fairway-kept-"))
    .map(({ rulePriority }) => rulePriority);
  const safeFrom = Math.min(...claims, Number.POSITIVE_INFINITY);
  return rules.flatMap(({ rulePriority, selection }) => {
    const isAny = selection["tagStatus"] === "any";
    const takesTagged = selection["tagStatus"] === "tagged" && !prefixesOf(selection).includes("fairway-kept-");
    return (isAny || takesTagged) && rulePriority < safeFrom
      ? [`rule ${rulePriority} may expire ${isAny ? "any image" : "tagged images"}, also those that releases need`]
      : [];
  });
}

const prefixesOf = (selection: LifecycleRule["selection"]): readonly string[] => {
  const prefixes = selection["tagPrefixList"];
  return Array.isArray(prefixes) ? prefixes.filter((each): each is string => typeof each === "string") : [];
};
