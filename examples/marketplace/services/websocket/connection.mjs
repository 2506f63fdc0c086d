import { createFrameReader, encodeClose, encodeFrame, FrameError, opcodes } from "./frames.mjs";

/** A reader that falls this far behind is let go, so that one slow client does not fill the memory. */
const longestQueue = 256 * 1024;
const closeTimeout = 2000;

/**
 * One WebSocket over a socket whose handshake is done. `onText` gets each message; `onClose` is called once, when the
 * socket is gone.
 */
export function createConnection(socket, { onText, onClose }) {
  const read = createFrameReader();
  let closing = false;
  let heard = true;
  let timer = null;

  /** Says goodbye and waits a moment for the answer. */
  function close(code, reason) {
    if (closing || socket.destroyed) return;
    closing = true;
    socket.write(encodeClose(code, reason));
    timer = setTimeout(() => socket.destroy(), closeTimeout);
  }

  function take(message) {
    if (message.type === "close") {
      if (!closing) socket.write(encodeClose(message.code === 1005 ? 1000 : message.code));
      closing = true;
      socket.end();
      timer ??= setTimeout(() => socket.destroy(), closeTimeout);
    } else if (closing) return;
    else if (message.type === "ping") socket.write(encodeFrame(opcodes.pong, message.data));
    else if (message.type === "text") onText(message.text);
    else if (message.type === "binary") close(1003, "text only");
  }

  socket.setNoDelay(true);
  socket.on("data", (chunk) => {
    heard = true;
    try {
      for (const message of read(chunk)) take(message);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      close(error.code, error.message);
      socket.end();
    }
  });
  // The peer went away; "close" follows and is what counts.
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
  socket.on("close", () => {
    clearTimeout(timer);
    onClose();
  });

  return {
    close,
    send(text) {
      if (closing) return;
      if (socket.writableLength > longestQueue) return close(1008, "too slow");
      socket.write(encodeFrame(opcodes.text, Buffer.from(text)));
    },
    /** Asks whether the peer is still there, and lets it go when it did not say anything since the last time. */
    beat() {
      if (!heard) return socket.destroy();
      heard = false;
      if (!closing) socket.write(encodeFrame(opcodes.ping));
    },
  };
}
