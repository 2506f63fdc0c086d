import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";

/** A mail server of this machine that takes every mail, but while it is told not to. */
export interface MailServer {
  readonly url: string;
  /** Whether it refuses whatever comes, for good. */
  refuses: boolean;
  /** The first mail to an address that has something of this form, once it has come. */
  mailTo(address: string, form: RegExp): Promise<string>;
  close(): Promise<void>;
}

interface Mail {
  readonly to: readonly string[];
  readonly text: string;
}

/** Speaks as much SMTP as a sender needs. */
export async function mailServer(): Promise<MailServer> {
  const mails: Mail[] = [];
  let wake = (): void => undefined;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    if (mailbox.refuses) return void socket.end("554 no service here\r\n");
    take(socket, (mail) => {
      mails.push(mail);
      wake();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const mailbox: MailServer = {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuses: false,
    async mailTo(address, form) {
      for (;;) {
        const found = mails.find(({ to, text }) => to.includes(address) && form.test(text));
        if (found !== undefined) return found.text;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return mailbox;
}

function take(socket: Socket, done: (mail: Mail) => void): void {
  let [to, rest, isData]: [string[], string, boolean] = [[], "", false];
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  say("220 here");
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    rest += chunk;
    for (;;) {
      const end = rest.indexOf(isData ? "\r\n.\r\n" : "\r\n");
      if (end === -1) return;
      const said = rest.slice(0, end);
      rest = rest.slice(end + (isData ? 5 : 2));
      if (isData) {
        // Quoted-printable breaks long lines.
        done({ to, text: said.replaceAll("=\r\n", "").replaceAll("=3D", "=") });
        [to, isData] = [[], false];
        say("250 taken");
        continue;
      }
      const [, address] = /^RCPT TO:<([^>]*)>/i.exec(said) ?? [];
      if (address !== undefined) to.push(address);
      isData = /^DATA/i.test(said);
      say(isData ? "354 go on" : /^QUIT/i.test(said) ? "221 bye" : "250 yes");
    }
  });
}
