import type { LogMarks } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { client } from "../api/client.ts";
import type { LogSource } from "./log-source.ts";

type Marks = LogMarks["marks"];

/** How often a log that is still written is looked through again, in milliseconds. */
const lookAgain = 3_000;
/** So many marks are kept; what comes after them is not folded. */
const mostMarks = 50_000;
const none: Marks = [];

/** The groups and messages of a whole log, as far as it is written. What was looked through is not looked through again. */
export function useMarks(source: LogSource, ended: boolean): Marks {
  const seen = useRef<{ readonly from: number; readonly marks: Marks }>({ from: 0, marks: none });
  const { data } = useQuery({
    queryKey: ["logMarks", source, ended ? "whole" : "growing"],
    queryFn: async ({ signal }): Promise<Marks> => {
      for (;;) {
        const { from, marks } = seen.current;
        const part = await client.call("logMarks", { ...source, offset: from, most: 5_000 }, signal);
        const all = part.marks.length === 0 ? marks : [...marks, ...part.marks];
        if (part.next === null || all.length > mostMarks) return all;
        seen.current = { from: part.next, marks: all };
      }
    },
    placeholderData: (before) => before,
    refetchInterval: ended ? false : lookAgain,
    staleTime: ended ? Infinity : 0,
    retry: false,
  });
  return data ?? none;
}
