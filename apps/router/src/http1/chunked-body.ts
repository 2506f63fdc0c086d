import { broken, goesOn, type BodyFraming } from "./body-framing.ts";

/** What a chunked body may hold besides its data. */
export interface ChunkedBodyOptions {
  /** Taken in answers; refused in requests, where a trailer could say what the router has already decided. */
  readonly trailers: boolean;
  /** Told where data is, for whoever must see into the body. */
  readonly seen?: ((bytes: Buffer, from: number, to: number) => void) | undefined;
}

const size = 0;
const sizeEnd = 1;
const data = 2;
const dataCr = 3;
const dataLf = 4;
const afterLast = 5;
const lastLf = 6;
const trailer = 7;
const trailerLf = 8;
const extensionName = 9;
const extensionNameMore = 10;
const extensionValue = 11;
const extensionValueMore = 12;

const CR = 13;
const LF = 10;
const maxExtra = 1024;

/** RFC 9110 token characters. */
const token = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  token[char.charCodeAt(0)] = 1;
}

function hexValue(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 97 && byte <= 102) return byte - 87;
  if (byte >= 65 && byte <= 70) return byte - 55;
  return -1;
}

/**
 * A chunked body. Stricter than the RFC where leniency has been used for smuggling: every line ends in CRLF, sizes have
 * at most eight digits, extensions are `;name` or `;name=token` and few.
 */
export class ChunkedBody implements BodyFraming {
  atBorder = true;
  private state = size;
  private left = 0;
  private digits = 0;
  private extra = 0;
  private readonly options: ChunkedBodyOptions;

  constructor(options: ChunkedBodyOptions) {
    this.options = options;
  }

  feed(bytes: Buffer, from: number): number {
    const { length } = bytes;
    let i = from;
    while (i < length) {
      const byte = bytes[i] as number;
      switch (this.state) {
        case data: {
          const end = Math.min(i + this.left, length);
          this.options.seen?.(bytes, i, end);
          this.left -= end - i;
          i = end;
          if (this.left === 0) this.state = dataCr;
          continue;
        }
        case size: {
          const value = hexValue(byte);
          if (value >= 0) {
            if (++this.digits > 8) return broken;
            this.left = this.left * 16 + value;
            this.atBorder = false;
          } else if (this.digits === 0) return broken;
          else if (byte === CR) this.state = sizeEnd;
          else if (byte === 59) this.state = extensionName;
          else return broken;
          break;
        }
        case sizeEnd:
          if (byte !== LF) return broken;
          this.digits = 0;
          this.state = this.left === 0 ? afterLast : data;
          break;
        case dataCr:
          if (byte !== CR) return broken;
          this.state = dataLf;
          break;
        case dataLf:
          if (byte !== LF) return broken;
          this.state = size;
          this.atBorder = true;
          break;
        case afterLast:
          if (byte === CR) this.state = lastLf;
          else if (this.options.trailers && token[byte] === 1) this.state = trailer;
          else return broken;
          break;
        case lastLf:
          return byte === LF ? i + 1 : broken;
        case trailer:
          if (byte === CR) this.state = trailerLf;
          else if (byte === LF || byte === 0 || ++this.extra > 8 * maxExtra) return broken;
          break;
        case trailerLf:
          if (byte !== LF) return broken;
          this.state = afterLast;
          break;
        default:
          if (!this.extension(byte)) return broken;
      }
      i++;
    }
    return goesOn;
  }

  private extension(byte: number): boolean {
    if (++this.extra > maxExtra) return false;
    const isToken = token[byte] === 1;
    switch (this.state) {
      case extensionName:
        this.state = extensionNameMore;
        return isToken;
      case extensionValue:
        this.state = extensionValueMore;
        return isToken;
      default:
        if (isToken) return true;
        if (byte === 61 && this.state === extensionNameMore) this.state = extensionValue;
        else if (byte === 59) this.state = extensionName;
        else if (byte === CR) this.state = sizeEnd;
        else return false;
        return true;
    }
  }
}
