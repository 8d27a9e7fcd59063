const elementBytes = { F32: 4, F16: 2, U8: 1 } as const;

/** A tensor of a safetensors file that is about to be written. */
export interface NewTensor {
  readonly name: string;
  readonly type: keyof typeof elementBytes;
  readonly shape: readonly number[];
}

/**
 * The head of a safetensors file: the header's length (u64, little-endian) and the header, a JSON object that gives
 * each tensor its dtype, shape and place. Padded with spaces so that the first tensor starts at a multiple of 64 bytes;
 * the tensors follow in the given order without gaps.
 */
export function tensorFileHead(tensors: readonly NewTensor[], metadata: Readonly<Record<string, string>>): Uint8Array {
  let end = 0;
  const entries = tensors.map(({ name, type, shape }) => {
    const begin = end;
    end += tensorBytes(type, shape);
    return [name, { dtype: type, shape, data_offsets: [begin, end] }];
  });
  const header = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const head = new Uint8Array(Math.ceil((8 + header.length) / 64) * 64).fill(32);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  head.set(header, 8);
  return head;
}

function tensorBytes(type: NewTensor["type"], shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, elementBytes[type]);
}
