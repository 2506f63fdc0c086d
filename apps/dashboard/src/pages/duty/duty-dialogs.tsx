import type { DutyShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { Confirm } from "../../components/confirm.tsx";
import { factsOf } from "./facts-of.ts";
import { isOwedPerRelease } from "./per-release.ts";
import { ReleaseField } from "./release-field.tsx";

interface Asked {
  readonly duty: Pick<DutyShape, "id" | "title" | "cadence">;
  /** Of what is owed for each release: the one that is meant. */
  readonly release: string | null;
  readonly onClose: () => void;
}

const outcomes = [
  ["passed", "It was done, and is so"],
  ["partial", "Only a part of it was done"],
  ["failed", "It was looked at, and is not so"],
  ["skipped", "It was left out on purpose"],
] as const;

/** Puts on record what somebody has found of a duty. */
export function AttestDialog({ duty: { id, title, cadence }, release, onClose }: Asked): ReactElement {
  const { name: by } = useWho();
  const [outcome, setOutcome] = useState<(typeof outcomes)[number][0]>("passed");
  const [note, setNote] = useState("");
  const [written, setWritten] = useState("");
  const [of, setOf] = useState(release ?? "");
  const attest = useChange("attestDuty");
  const facts = factsOf(written);
  const perRelease = isOwedPerRelease(cadence);
  return (
    <Confirm
      title={title}
      verb="Put it on record"
      ready={facts !== null && (!perRelease || /^r\d+$/.test(of.trim()))}
      onClose={onClose}
      act={() =>
        attest.mutateAsync({
          by,
          duty: id,
          outcome,
          note: note.trim(),
          facts: facts ?? {},
          release: perRelease ? of.trim() : null,
        })
      }
    >
      <p className="muted">
        <code>{id}</code>, owed {cadence}
      </p>
      <fieldset className="choice">
        <legend>What you have found</legend>
        {outcomes.map(([each, words]) => (
          <label key={each} className="check">
            <input type="radio" name="outcome" checked={outcome === each} onChange={() => setOutcome(each)} />
            {words}
          </label>
        ))}
      </fieldset>
      {perRelease ? <ReleaseField value={of} onChange={setOf} /> : null}
      <label className="field">
        What was done, and how it went
        <textarea rows={3} value={note} maxLength={2000} onChange={({ target }) => setNote(target.value)} />
      </label>
      <label className="field">
        Numbers for the board, one a line
        <textarea
          rows={2}
          value={written}
          spellCheck={false}
          aria-invalid={facts === null}
          onChange={({ target }) => setWritten(target.value)}
        />
        <span className="muted">
          {facts === null ? "Each line is a name, = and a value" : "Such as rto_seconds=412. Never a secret"}
        </span>
      </label>
      <ul className="plan-list">
        <li>It is never changed. A later row may correct it.</li>
      </ul>
    </Confirm>
  );
}

const hour = 3_600_000;
const spans = [
  ["2 hours", 2],
  ["24 hours", 24],
  ["3 days", 72],
  ["7 days", 168],
] as const;

/** Passes a duty over for a while. It always ends. */
export function WaiveDialog({ duty: { id, title, cadence }, release, onClose }: Asked): ReactElement {
  const { name: by } = useWho();
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState<number>(24);
  const waive = useChange("waiveDuty");
  const [of, setOf] = useState(release ?? "");
  const perRelease = isOwedPerRelease(cadence);
  return (
    <Confirm
      title={`Pass over: ${title}`}
      verb="Pass it over"
      danger
      ready={reason.trim().length >= leastReason && (!perRelease || /^r\d+$/.test(of.trim()))}
      onClose={onClose}
      act={() =>
        waive.mutateAsync({
          by,
          duty: id,
          release: perRelease ? of.trim() : null,
          reason: reason.trim(),
          until: new Date(Date.now() + hours * hour).toISOString(),
        })
      }
    >
      <ul className="plan-list">
        <li>
          <code>{id}</code> holds nothing up until then. How it stands stays what it is, for everybody to see.
        </li>
        <li>Whoever owes it, and whoever gains by it, may not do this.</li>
      </ul>
      {perRelease ? <ReleaseField value={of} onChange={setOf} /> : null}
      <label className="field">
        For how long
        <select value={hours} onChange={({ target }) => setHours(Number(target.value))}>
          {spans.map(([words, each]) => (
            <option key={each} value={each}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        Why
        <textarea
          rows={3}
          value={reason}
          maxLength={2000}
          required
          onChange={({ target }) => setReason(target.value)}
        />
        <span className="muted">At least {leastReason} characters, for whoever reads the record.</span>
      </label>
    </Confirm>
  );
}

/** As the server asks. */
const leastReason = 20;
