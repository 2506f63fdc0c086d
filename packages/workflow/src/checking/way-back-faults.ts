import type { FaultFinder, FoundFault } from "./found-fault.ts";
import type { Fault } from "./report.ts";

/** Words around a command that say what it is for: to go back. */
const wayBack = /roll(?:ing|s|ed)?[\s_-]*back|way back|\brevert|\brestor|\bundo\b|previous/iu;
/** Words that warn of a command rather than give it. */
const warns = /\b(?:not|never|no|nor|don't|doesn't|won't|instead of|rather than|without)\b/iu;
/** How many lines above a command may say what it is for. */
const linesAbove = 8;

interface Command {
  /** Counted from 0. */
  readonly at: number;
  readonly text: string;
  /** The command with what stands above it. */
  readonly around: string;
}

/**
 * Ways back that lead nowhere, in any text with commands in it: a forced deployment of ECS, which brings the same task
 * definition again, and an old state of Terraform, which brings back what Terraform knows and nothing that there is.
 */
function wayBackFaults(lines: readonly string[], file = ""): readonly Omit<FoundFault, "edits" | "patch">[] {
  return commandsIn(lines).flatMap((command) => [...forcedDeployment(command, file), ...oldState(command, lines)]);
}

/** F7 and F9 in the steps of a workflow. */
export const wayBackInWorkflow: FaultFinder = (_, lines) => wayBackFaults(lines);

/** F7 and F9 in a script, a playbook or any other text; each with its place. */
export const checkWayBack = (text: string, file: string): readonly Fault[] => wayBackFaults(text.split("\n"), file);

function forcedDeployment({ at, text, around }: Command, file: string): readonly Omit<FoundFault, "edits">[] {
  const found = /\baws\s+ecs\s+update-service\b/u.exec(text);
  if (found === null || !/--force-new-deployment\b/u.test(text) || !wayBack.test(`${file}\n${around}`)) return [];
  const place = placeOf(text, found.index, at);
  const lacks = ["--cluster", "--service"].filter((option) => !text.includes(option));
  if (!/--task-definition\b/u.test(text))
    return [
      {
        rule: "forced-deployment-as-rollback",
        message: "`--force-new-deployment` starts the same task definition again: what is broken stays broken",
        place,
        hint: "Name the task definition that ran before: `aws ecs update-service --cluster … --service … --task-definition <family>:<revision>`; or `fairway rollback`, which does so and waits for what becomes of it.",
      },
    ];
  if (lacks.length === 0) return [];
  return [
    {
      rule: "forced-deployment-as-rollback",
      message: `this way back names no ${lacks.map((option) => `\`${option}\``).join(" and no ")}, and AWS refuses it or asks another cluster`,
      place,
      hint: `Add ${lacks.join(" and ")}; \`--force-new-deployment\` adds nothing where the task definition changes. Or \`fairway rollback\`, which waits for what becomes of it.`,
    },
  ];
}

function oldState({ at, text, around }: Command, lines: readonly string[]): readonly Omit<FoundFault, "edits">[] {
  const found =
    /\b(?:terraform|tofu)\s+(?:state\s+push\b|apply\b[^|;&]*?(?:-state[= ]\S*|\b(?:previous|old|earlier|last)\b[^|;&]*?\bstate\b))/iu.exec(
      text,
    );
  if (found === null) return [];
  const isSaid = /\b(?:previous|old|earlier|last)\b[^|;&]*?\bstate\b/iu.test(found[0]);
  if (!isSaid && !wayBack.test(around) && !/backup|previous|\bold\b/iu.test(text)) return [];
  if (warns.test(lines[at]?.slice(0, Math.max(0, found.index)) ?? "")) return [];
  return [
    {
      rule: "old-state-as-rollback",
      message: "an old state is no way back: Terraform would forget what was made since, and change nothing of it",
      place: placeOf(text, found.index, at),
      hint: "Plan the code of before (`git checkout <commit>`) against the state as it is, and apply that; or `fairway rollback`, which plans it so and shows what would go.",
    },
  ];
}

/** Each line with those that it goes on in; a line that warns of a command is none. */
function commandsIn(lines: readonly string[]): readonly Command[] {
  const found: Command[] = [];
  for (let at = 0; at < lines.length; at++) {
    let text = lines[at] ?? "";
    const first = at;
    while (/\\\s*$/u.test(text) && at + 1 < lines.length) {
      at += 1;
      text = `${text.replace(/\\\s*$/u, "")} ${lines[at] ?? ""}`;
    }
    const command = /\b(?:aws\s+ecs|terraform|tofu)\b/u.exec(text);
    if (command === null || warns.test(text.slice(0, command.index))) continue;
    found.push({ at: first, text, around: [...lines.slice(Math.max(0, first - linesAbove), first), text].join("\n") });
  }
  return found;
}

/** Where a command begins; one that goes on over lines is told at its first. */
const placeOf = (text: string, index: number, at: number): Fault["place"] => ({
  line: at + 1,
  column: Math.min(index, text.length) + 1,
});
