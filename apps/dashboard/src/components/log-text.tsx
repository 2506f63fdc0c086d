import type { ReactElement } from "react";
import { memo } from "react";
import { piecesOf } from "../text/sgr.ts";

/** A line of a log with its colours: text in elements with class names, whatever is in it. */
export const LogText = memo(function LogText({ text }: { readonly text: string }): ReactElement {
  return (
    <>
      {piecesOf(text).map((piece, index) =>
        piece.className === "" ? (
          piece.text
        ) : (
          // Pieces have no names, and never change places.
          <span key={index} className={piece.className}>
            {piece.text}
          </span>
        ),
      )}
    </>
  );
});
