import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { DutyActions } from "./duty-actions.tsx";

/** What can be done about a duty that a page knows by its name; nothing while it is not known. */
export function ActionsOfDuty({ duty: id }: { readonly duty: string }): ReactElement | null {
  const duties = useQuery(asked("duties", {}));
  const duty = duties.data?.duties.find((one) => one.id === id);
  return duty === undefined ? null : <DutyActions duty={duty} release={null} small />;
}
