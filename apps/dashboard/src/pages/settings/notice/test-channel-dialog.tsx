import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../../api/answers.ts";
import { useWho } from "../../../api/who.ts";
import { Confirm } from "../../../components/confirm.tsx";

/** Has one channel told that it works; whether that arrived stands among the notices then. */
export function TestChannelDialog({
  seen,
  onClose,
}: {
  /** Channels that were told something before. */
  readonly seen: readonly string[];
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const [channel, setChannel] = useState(seen[0] ?? "");
  const test = useChange("testNotice");
  return (
    <Confirm
      title="Try a channel"
      verb="Tell it"
      ready={channel.trim() !== ""}
      onClose={onClose}
      act={() => test.mutateAsync({ channel: channel.trim(), by })}
    >
      <label className="field">
        Channel, as the configuration calls it
        <input
          value={channel}
          maxLength={60}
          required
          list="channels"
          autoComplete="off"
          onChange={({ target }) => setChannel(target.value)}
        />
        <datalist id="channels">
          {seen.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </label>
      <ul className="plan-list">
        <li>It is told that it works. Whether that arrived stands in the list then.</li>
      </ul>
    </Confirm>
  );
}
