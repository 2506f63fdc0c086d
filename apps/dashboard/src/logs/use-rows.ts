import type { RefObject } from "react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Scroll } from "./scroll.ts";
import { placeOf, rowsIn, scrolled, tallest } from "./scroll.ts";

/** The part of a long list that is drawn. */
export interface Rows {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Rows from here, counted from 0, up to but not with `to`. */
  readonly from: number;
  readonly to: number;
  /** Of the space in which they are, in pixels. */
  readonly height: number;
  /** Where a row is in it, in pixels. */
  readonly topOf: (row: number) => number;
  /** Whether it flies by so fast that nobody reads: what is seen is not worth asking for. */
  readonly isFlying: boolean;
  readonly onScroll: () => void;
  readonly show: (row: number, where: "middle" | "end") => void;
}

/** Rows are drawn in blocks of so many, so that most frames of a scroll draw nothing. */
const block = 16;

/** Rows between two looks, of which nobody reads one. */
const flight = 500;
/** After which what was flown to is asked for, in milliseconds. */
const rest = 80;

/**
 * Draws only what is seen of rows that are all equally high, of which there may be millions. Beyond what browsers can scroll
 * the bar stands for more than it is long; nearby it still moves pixel by pixel.
 */
export function useRows(rows: number, rowHeight: number): Rows {
  const scroller = useRef<HTMLDivElement>(null);
  const scroll = useRef<Scroll>({ top: 0, offset: 0 });
  const [drawn, draw] = useState({ from: 0, to: 4 * block, offset: 0 });
  const [isFlying, fly] = useState(false);
  const seen = useRef(0);
  const landing = useRef<ReturnType<typeof setTimeout>>(undefined);
  const total = rows * rowHeight;

  const look = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    scroll.current = scrolled(scroll.current, box.scrollTop, box.clientHeight, total);
    const { first, last } = rowsIn(scroll.current, box.clientHeight, rowHeight);
    const from = Math.max(0, (Math.floor(first / block) - 1) * block);
    const to = Math.min(rows, (Math.floor(last / block) + 2) * block);
    const { offset } = scroll.current;
    draw((was) => (was.from === from && was.to === to && was.offset === offset ? was : { from, to, offset }));
    if (Math.abs(from - seen.current) > flight) {
      fly(true);
      clearTimeout(landing.current);
      landing.current = setTimeout(() => fly(false), rest);
    }
    seen.current = from;
  }, [rows, rowHeight, total]);

  useLayoutEffect(() => {
    look();
    const box = scroller.current;
    if (box === null) return undefined;
    const observer = new ResizeObserver(look);
    observer.observe(box);
    return () => observer.disconnect();
  }, [look]);

  useEffect(() => () => clearTimeout(landing.current), []);

  const show = useCallback(
    (row: number, where: "middle" | "end") => {
      const box = scroller.current;
      if (box === null) return;
      const view = box.clientHeight;
      const wanted = where === "end" ? (row + 1) * rowHeight - view : (row + 0.5) * rowHeight - view / 2;
      scroll.current = placeOf(wanted, view, total);
      box.scrollTop = scroll.current.top;
      look();
    },
    [look, rowHeight, total],
  );

  return {
    scroller,
    ...drawn,
    isFlying,
    height: Math.min(total, tallest),
    topOf: (row) => row * rowHeight - drawn.offset,
    onScroll: look,
    show,
  };
}
