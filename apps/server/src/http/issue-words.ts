import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** What is wrong with a part of a request, in words: the schema's own where it has some, in place of the parser's. */
export function issueWords(issue: Issue): string {
  const { message } = issue;
  if (!/^(?:Too (?:big|small)|Invalid (?:input|option)|Unrecognized keys?)\b/u.test(message)) return message;
  switch (issue.code) {
    case "too_big":
      return `must ${amount(issue.origin, "at most", Number(issue.maximum))}`;
    case "too_small":
      return `must ${amount(issue.origin, "at least", Number(issue.minimum))}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`.replace(
        /, ([^,]*)$/u,
        " or $1",
      );
    case "unrecognized_keys":
      return `${issue.keys.map((key) => `"${key}"`).join(", ")} ${issue.keys.length === 1 ? "means" : "mean"} nothing here`;
    case "invalid_type":
      return message.endsWith("received undefined") ? "is missing" : `must be ${kind(issue.expected)}`;
    default:
      return message;
  }
}

function amount(origin: string, bound: string, count: number): string {
  switch (origin) {
    case "string":
      return `have ${bound} ${count} ${count === 1 ? "character" : "characters"}`;
    case "array":
    case "set":
    case "map":
      return `have ${bound} ${count} ${count === 1 ? "entry" : "entries"}`;
    default:
      return `be ${bound} ${count}`;
  }
}

/** As a person would say it. */
function kind(expected: string): string {
  switch (expected) {
    case "string":
      return "a string";
    case "boolean":
      return "a boolean, true or false";
    case "int":
      return "a whole number";
    case "array":
      return "a list";
    case "object":
    case "record":
      return "an object";
    default:
      return `a ${expected}`;
  }
}
