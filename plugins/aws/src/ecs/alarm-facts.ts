import { allPages } from "../session/all-pages.ts";
import type { AwsSession } from "../session/aws-session.ts";

/** Which of these CloudWatch alarms fire, and which are not there. No call where there are none. */
export async function alarmFacts(
  session: AwsSession,
  names: readonly string[],
): Promise<{ readonly firing: readonly string[]; readonly missing: readonly string[] }> {
  if (names.length === 0) return { firing: [], missing: [] };
  const cloudwatch = await session.cloudwatch();
  const known = await allPages(async (NextToken) => {
    const page = await cloudwatch.describeAlarms({
      AlarmNames: [...names],
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      NextToken,
    });
    return { items: [...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])], next: page.NextToken };
  });
  return {
    firing: known.flatMap(({ AlarmName: name, StateValue: state }) =>
      state === "ALARM" && name !== undefined ? [name] : [],
    ),
    missing: names.filter((name) => !known.some(({ AlarmName: known }) => known === name)),
  };
}
