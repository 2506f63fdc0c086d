import type { Possible } from "@fairway/core";
import type { ReactElement, ReactNode } from "react";
import { Tooltip } from "radix-ui";
import { useId, useState } from "react";
import { classNames } from "../text/class-names.ts";

/**
 * A button that may not be pressed is shown, can be reached, and says why: the words are those with which the server would
 * refuse.
 */
export function ActionButton({
  possible,
  onPress,
  children,
  tone = "plain",
  small = false,
  atOnce = false,
}: {
  readonly possible: Possible;
  readonly onPress: () => void;
  readonly children: ReactNode;
  readonly tone?: "plain" | "main" | "danger";
  readonly small?: boolean;
  /** Whether a press does it, instead of opening a dialog that asks first. */
  readonly atOnce?: boolean;
}): ReactElement {
  const [shown, show] = useState(false);
  const reasonId = useId();
  const className = classNames("button", `button-${tone}`, small && "button-small");
  if (possible.possible)
    return (
      <button
        type="button"
        className={className}
        onClick={onPress}
        {...(atOnce ? {} : { "aria-haspopup": "dialog" as const })}
      >
        {children}
      </button>
    );
  return (
    <Tooltip.Provider delayDuration={150}>
      <Tooltip.Root open={shown} onOpenChange={show}>
        <Tooltip.Trigger asChild>
          <button
            type="button"
            className={className}
            aria-disabled="true"
            aria-describedby={reasonId}
            onClick={(event) => {
              event.preventDefault();
              show(true);
            }}
          >
            {children}
            <span id={reasonId} className="sr-only">
              {possible.reason}
            </span>
          </button>
        </Tooltip.Trigger>
        <Tooltip.Portal>
          <Tooltip.Content className="tooltip" sideOffset={6} collisionPadding={8}>
            {possible.reason}
          </Tooltip.Content>
        </Tooltip.Portal>
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}
