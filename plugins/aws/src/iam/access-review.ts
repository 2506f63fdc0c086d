import { setTimeout as sleep } from "node:timers/promises";
import type { AccessReport, Millis } from "@fairway/core";
import { FairwayError } from "@fairway/core";
import { awsErrorName } from "../session/aws-error.ts";
import { allPages } from "../session/all-pages.ts";
import type { AwsSession } from "../session/aws-session.ts";

/** Somebody or something that can do things in an account, as an access review asks about it. */
export interface AwsPrincipal {
  readonly principal: string;
  readonly kind: "user" | "role" | "root";
  readonly arn: string;
  readonly access: readonly string[];
  /** Null where AWS knows of no use. */
  readonly lastUsed: Date | null;
  /** What a reviewer should see first: `no MFA`, `key of 400 days`. */
  readonly concerns: readonly string[];
}

const day: Millis = 86_400_000;

/** Everybody in an account: from the credential report, and the roles that are no service's own. */
export async function awsPrincipals(
  session: AwsSession,
  {
    now = Date.now,
    pause = 1_000,
    tries = 60,
  }: { readonly now?: () => Millis; readonly pause?: Millis; readonly tries?: number } = {},
): Promise<readonly AwsPrincipal[]> {
  const users = usersIn(await credentialReport(session, pause, tries), now());
  const access = await attached(session, users);
  return [...users.map((user) => ({ ...user, access: access.get(user.principal) ?? [] })), ...(await roles(session))];
}

/** The credential report as CSV; AWS makes one at most every four hours, and it takes seconds. Throws `deadline_passed`. */
async function credentialReport(session: AwsSession, pause: Millis, tries: number): Promise<string> {
  const iam = await session.iam();
  for (let left = tries; left > 0; left--) {
    const { State: state } = await iam.generateCredentialReport({});
    if (state === "COMPLETE") {
      try {
        const { Content: content } = await iam.getCredentialReport({});
        return new TextDecoder().decode(content);
      } catch (thrown) {
        if (
          ![
            "ReportNotPresent",
            "ReportInProgress",
            "CredentialReportNotPresentException",
            "CredentialReportNotReadyException",
          ].includes(awsErrorName(thrown) ?? "")
        )
          throw thrown;
      }
    }
    await sleep(pause);
  }
  throw new FairwayError("deadline_passed", "AWS did not finish its credential report", { retryable: true });
}

/** Reads the report; its columns are found by their names, for AWS adds some. Pure. */
export function usersIn(report: string, now: Millis): readonly AwsPrincipal[] {
  const [head = "", ...lines] = report.trim().split("\n");
  const names = head.split(",");
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const cells = line.split(",");
      const cell = (name: string): string => cells[names.indexOf(name)]?.trim() ?? "";
      const date = (name: string): Date | null => {
        const at = new Date(cell(name));
        return Number.isNaN(at.getTime()) ? null : at;
      };
      const keys = ["access_key_1", "access_key_2"].filter((key) => cell(`${key}_active`) === "true");
      const used = ["password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date"]
        .flatMap((name) => date(name) ?? [])
        .toSorted((a, b) => b.getTime() - a.getTime());
      const hasPassword = cell("password_enabled") === "true";
      const isRoot = cell("user") === "<root_account>";
      const oldKeys = keys.flatMap((key) => {
        const age = Math.floor((now - (date(`${key}_last_rotated`)?.getTime() ?? now)) / day);
        return age > 90 ? [`key of ${age} days`] : [];
      });
      return {
        principal: isRoot ? "root" : cell("user"),
        kind: isRoot ? "root" : "user",
        arn: cell("arn"),
        access: [],
        lastUsed: used[0] ?? null,
        concerns: [
          ...(cell("mfa_active") !== "true" && (hasPassword || isRoot) ? ["no MFA"] : []),
          ...(isRoot && keys.length > 0 ? ["root has a key"] : []),
          ...oldKeys,
          ...(used[0] !== undefined && now - used[0].getTime() > 90 * day ? ["not used for 90 days"] : []),
          ...(used[0] === undefined && (hasPassword || keys.length > 0) && !isRoot ? ["never used"] : []),
        ],
      } satisfies AwsPrincipal;
    });
}

/** What each user may do, by the names of policies and groups. */
async function attached(
  session: AwsSession,
  users: readonly AwsPrincipal[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const iam = await session.iam();
  const found = new Map<string, readonly string[]>();
  for (const { principal, kind } of users) {
    if (kind === "root") {
      found.set(principal, ["everything"]);
      continue;
    }
    const UserName = principal;
    const policies = await allPages(async (Marker) => {
      const page = await iam.listAttachedUserPolicies({ UserName, Marker });
      return { items: page.AttachedPolicies, next: page.Marker };
    });
    const own = await allPages(async (Marker) => {
      const page = await iam.listUserPolicies({ UserName, Marker });
      return { items: page.PolicyNames, next: page.Marker };
    });
    const groups = await allPages(async (Marker) => {
      const page = await iam.listGroupsForUser({ UserName, Marker });
      return { items: page.Groups, next: page.Marker };
    });
    found.set(
      principal,
      [
        ...policies.flatMap(({ PolicyName: name }) => name ?? []),
        ...own,
        ...groups.flatMap(({ GroupName: name }) => (name === undefined ? [] : `group ${name}`)),
      ].toSorted(),
    );
  }
  return found;
}

/** Roles of people and of workloads; those that a service of AWS made for itself are AWS's affair. */
async function roles(session: AwsSession): Promise<readonly AwsPrincipal[]> {
  const iam = await session.iam();
  const found: AwsPrincipal[] = [];
  let marker: string | undefined;
  do {
    const page = await iam.listRoles(marker === undefined ? {} : { Marker: marker });
    for (const { RoleName: name, Path: path } of page.Roles ?? []) {
      if (name === undefined || path?.startsWith("/aws-service-role/") === true) continue;
      const { Role: role } = await iam.getRole({ RoleName: name });
      const policies = await allPages(async (Marker) => {
        const attached = await iam.listAttachedRolePolicies({ RoleName: name, Marker });
        return { items: attached.AttachedPolicies, next: attached.Marker };
      });
      const lastUsed = role?.RoleLastUsed?.LastUsedDate ?? null;
      found.push({
        principal: name,
        kind: "role",
        arn: role?.Arn ?? "",
        access: policies.flatMap(({ PolicyName }) => PolicyName ?? []).toSorted(),
        lastUsed,
        concerns: policies.some(({ PolicyName }) => PolicyName === "AdministratorAccess") ? ["may do everything"] : [],
      });
    }
    marker = page.IsTruncated === true ? page.Marker : undefined;
  } while (marker !== undefined);
  return found;
}

/** Which services of AWS a principal has used, newest first; null while AWS works it out, so ask again with the same job. */
async function lastAccessed(
  session: AwsSession,
  job: string,
): Promise<readonly { readonly service: string; readonly at: Date | null }[] | "failed" | null> {
  const iam = await session.iam();
  const { JobStatus: status, ServicesLastAccessed: services = [] } = await iam.getServiceLastAccessedDetails({
    JobId: job,
  });
  if (status === "IN_PROGRESS") return null;
  // AWS gives up on one now and then; the others are worth reading.
  if (status !== "COMPLETED") return "failed";
  return services
    .map(({ ServiceNamespace: service = "", LastAuthenticated: at }) => ({ service, at: at ?? null }))
    .toSorted((a, b) => (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0));
}

/** Begins to work out what a principal has used; answers with the job to ask for. */
async function askLastAccessed(session: AwsSession, arn: string): Promise<string> {
  const { JobId: job = "" } = await (await session.iam()).generateServiceLastAccessedDetails({ Arn: arn });
  return job;
}

/** So long a use counts as one of now. */
const lately: Millis = 90 * day;

/**
 * Who can do what in the account, with `used` also what each used lately: AWS works that out for each by itself, which takes
 * seconds. Of whom it does not say in time that is null, with a concern that says so.
 */
export async function accessReport(
  session: AwsSession,
  { used = false, now = Date.now, pause = 1_000, tries = 60 }: AccessReportOptions = {},
): Promise<AccessReport> {
  const { Account: account = "?" } = await (await session.sts()).getCallerIdentity({});
  const principals = await awsPrincipals(session, { now, pause });
  // Nobody asks what root used: it is not to be used.
  const asked = used ? principals.filter(({ kind }) => kind !== "root").map(({ arn }) => arn) : [];
  const uses = await usedLately(session, asked, { now, pause, tries });
  return {
    system: `aws:${account}`,
    at: new Date(now()).toISOString(),
    principals: principals.map(({ lastUsed, concerns, ...of }) => ({
      ...of,
      lastUsed: lastUsed?.toISOString() ?? null,
      used: uses.get(of.arn) ?? null,
      concerns: asked.includes(of.arn) && !uses.has(of.arn) ? [...concerns, "AWS did not say what it used"] : concerns,
    })),
  };
}

/** How a report is asked for. */
export interface AccessReportOptions {
  readonly used?: boolean;
  readonly now?: () => Millis;
  readonly pause?: Millis;
  /** How often it is asked what was used, `pause` apart. */
  readonly tries?: number;
}

/**
 * What each has used, by ARN: all are begun first, for AWS works on them at once, and waited for together. Who did not come is
 * left out.
 */
async function usedLately(
  session: AwsSession,
  arns: readonly string[],
  { now, pause, tries }: { readonly now: () => Millis; readonly pause: Millis; readonly tries: number },
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  let open: { readonly arn: string; readonly job: string }[] = [];
  for (const arn of arns) open.push({ arn, job: await askLastAccessed(session, arn) });
  for (let left = tries; left > 0 && open.length > 0; left--) {
    const still: typeof open = [];
    for (const one of open) {
      const services = await lastAccessed(session, one.job);
      if (services === null) still.push(one);
      else if (services !== "failed")
        found.set(
          one.arn,
          services.flatMap(({ service, at }) => (at !== null && now() - at.getTime() < lately ? [service] : [])),
        );
    }
    open = still;
    if (open.length > 0) await sleep(pause);
  }
  return found;
}
