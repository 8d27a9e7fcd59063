import type { Encoding, Tokenizer } from "./tokenizer.js";

/** Ids are UTF-8 bytes; each byte spans the whole character it is part of. */
export function byteTokenizer(): Tokenizer {
  const decoder = new TextDecoder();
  return {
    kind: "bytes",
    files: [],
    size: 256,
    encode: async (texts) => texts.map(encodeBytes),
    decode: async (ids) => decoder.decode(Uint8Array.from(ids)),
    token: (id) => (id in spellings ? spellings[id]! : null),
    id: (token) => (spellings.includes(token) ? spellings.indexOf(token) : null),
  };
}

/** Printable ASCII as itself, other bytes as `<0x0A>`. */
const spellings = Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
);

function encodeBytes(text: string): Encoding {
  const ids = Uint32Array.from(new TextEncoder().encode(text));
  const starts = new Uint32Array(ids.length);
  let character = -1;
  ids.forEach((byte, i) => {
    if ((byte & 0xc0) !== 0x80) character++;
    starts[i] = character;
  });
  return { ids, starts, ends: starts.map((start) => start + 1), special: new Uint8Array(ids.length) };
}
