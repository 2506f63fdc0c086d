/** Takes the output of a container out of the frames that the Engine API puts it in; frames may come in any pieces. */
export interface OutputFrames {
  /** The bytes that a piece of the stream completes, in order. */
  take(piece: Buffer): readonly OutputPiece[];
}

export interface OutputPiece {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Buffer;
}

const headerLength = 8;

/**
 * Each frame has a header of 8 bytes: the stream, three zeroes, and the length.
 * https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export function outputFrames(): OutputFrames {
  let header: Buffer = Buffer.alloc(0);
  let left = 0;
  let stream: OutputPiece["stream"] = "stdout";

  return {
    take(piece) {
      const taken: OutputPiece[] = [];
      for (let rest = piece; rest.length > 0;) {
        if (left === 0) {
          const wanted = headerLength - header.length;
          header = Buffer.concat([header, rest.subarray(0, wanted)]);
          rest = rest.subarray(wanted);
          if (header.length < headerLength) break;
          stream = header[0] === 2 ? "stderr" : "stdout";
          left = header.readUInt32BE(4);
          header = Buffer.alloc(0);
          continue;
        }
        const bytes = rest.subarray(0, left);
        rest = rest.subarray(left);
        left -= bytes.length;
        taken.push({ stream, bytes });
      }
      return taken;
    },
  };
}

/** All that a finished stream of frames holds. */
export function outputOf(frames: Buffer): Buffer {
  return Buffer.concat(
    outputFrames()
      .take(frames)
      .map(({ bytes }) => bytes),
  );
}
