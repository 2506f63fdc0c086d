import type { ApprovalDetail } from "@fairway/api";
import { useRouter } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { ProblemNote } from "../../components/answered.tsx";
import { allNamed } from "./all-named.ts";

/** Yes or no to what the page shows, by its digest. A no may be said by those too whose yes would not count. */
export function AnswerForm({ approval }: { readonly approval: ApprovalDetail }): ReactElement {
  const { run, digest, environment, infrastructure, you } = approval;
  const { name, may } = useWho();
  const [note, setNote] = useState("");
  const [typed, setTyped] = useState("");
  const [thrown, setThrown] = useState<unknown>(null);
  const router = useRouter();
  const approve = useChange("approve");
  const names = infrastructure?.names ?? [];
  const allowed = may("approve", environment ?? null);
  const yes = you.may
    ? allNamed(names, typed)
    : { possible: false as const, reason: you.reason ?? "it would not count" };
  // By a promise, which is kept though the form is gone: the page may hear that nothing is asked any more before the answer
  // comes.
  async function answer(said: "yes" | "no"): Promise<void> {
    if (approve.isPending) return;
    setThrown(null);
    try {
      const { approval: still, kind } = await approve.mutateAsync({
        ...{ run, by: name, answer: said, digest },
        note: note.trim() === "" ? null : note.trim(),
        ...(names.length > 0 && said === "yes" ? { names } : {}),
      });
      // Where nothing is asked any more, what came of it is what people want to see.
      if (still === null)
        void router.navigate({ to: kind === "deployment" ? "/deployments/$run" : "/runs/$run", params: { run } });
    } catch (failure) {
      setThrown(failure);
    }
  }
  return (
    <div className="card approval-answer">
      {you.may || you.reason === null ? null : <p className="muted">{you.reason}.</p>}
      {names.length === 0 ? null : (
        <label className="field">
          Type what is taken away, one a line
          <textarea rows={Math.min(6, names.length)} value={typed} onChange={({ target }) => setTyped(target.value)} />
          <span className="muted">{names.join(", ")}</span>
        </label>
      )}
      <label className="field">
        A note, for the record
        <textarea rows={2} value={note} maxLength={2000} onChange={({ target }) => setNote(target.value)} />
      </label>
      {thrown === null ? null : <ProblemNote thrown={thrown} />}
      <div className="row row-wrap">
        <ActionButton tone="main" possible={yes} atOnce onPress={() => void answer("yes")}>
          {approve.isPending ? "Working …" : "Approve"}
        </ActionButton>
        <ActionButton tone="danger" possible={allowed} atOnce onPress={() => void answer("no")}>
          Refuse
        </ActionButton>
      </div>
    </div>
  );
}
