import { readFileSync } from "node:fs";
import { KernelError } from "../core/errors.js";

const shaders = new URL("../../shaders/", import.meta.url);

/** A shader as its file declares it. */
export interface Shader {
  readonly code: string;
  /** The scalar fields of `struct Params`, in order: field i stands at byte 4 · i. */
  readonly fields: readonly { readonly name: string; readonly type: "u32" | "f32" }[];
  /** Names of its `override` constants. */
  readonly overrides: readonly string[];
}

const loaded = new Map<string, Shader>();

/** Reads `shaders/<kernel>.wgsl` with its includes and derives the layout of its parameters from the text. */
export function loadShader(kernel: string): Shader {
  let shader = loaded.get(kernel);
  if (!shader) {
    shader = parseShader(kernel, splice(readFileSync(new URL(`${kernel}.wgsl`, shaders), "utf8")));
    loaded.set(kernel, shader);
  }
  return shader;
}

/** Replaces each line `// include: shared/<name>.wgsl` by that file. */
function splice(code: string): string {
  return code.replace(/^\/\/ include: (shared\/[\w-]+\.wgsl)$/gm, (_, path: string) => {
    return readFileSync(new URL(path, shaders), "utf8");
  });
}

/** @throws KernelError if there is no `struct Params` of u32 and f32 fields */
export function parseShader(kernel: string, code: string): Shader {
  const bare = code.replace(/\/\/.*$/gm, "");
  const body = /struct\s+Params\s*\{([^}]*)\}/.exec(bare)?.[1];
  if (body === undefined) throw new KernelError(kernel, new Error("its shader has no struct Params"));
  const fields = body
    .split(",")
    .map((field) => field.trim())
    .filter((field) => field !== "")
    .map((field) => {
      const [, name, type] = /^(\w+)\s*:\s*(u32|f32)$/.exec(field) ?? [];
      if (!name || (type !== "u32" && type !== "f32")) {
        throw new KernelError(kernel, new Error(`struct Params has a field that is neither u32 nor f32: ${field}`));
      }
      return { name, type } as const;
    });
  const overrides = [...bare.matchAll(/\boverride\s+(\w+)/g)].map((match) => match[1]!);
  return { code, fields, overrides };
}

/** rowCount → row_count */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
