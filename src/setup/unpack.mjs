// What only tests need, from a package that brings it compressed: a software GPU and a browser.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { cache, root, run, say, unlessDone } from "./step.mjs";

const packed = join(root, "node_modules/@sparticuz/chromium");
/** Paths from the file itself, so that a clone may be moved. */
const fontSettings = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
`;
const mark = () => JSON.parse(readFileSync(join(packed, "package.json"), "utf8")).version;

/** Unpacks SwiftShader and the Vulkan loader into .cache/swiftshader. */
export function unpackSwiftShader() {
  const folder = join(cache, "swiftshader");
  unlessDone("swiftshader", mark(), join(folder, "vk_swiftshader_icd.json"), () => {
    say("unpacking SwiftShader");
    replace(folder, (partial) => extract("swiftshader", partial));
  });
}

/** Unpacks Chromium, the libraries it links to and a font into .cache/chromium. */
export function unpackChromium() {
  const folder = join(cache, "chromium");
  unlessDone("chromium", mark(), join(folder, "chromium"), () => {
    say("unpacking Chromium");
    replace(folder, (partial) => {
      for (const archive of ["al2023", "fonts", "swiftshader"]) extract(archive, partial);
      writeFileSync(join(partial, "fonts.conf"), fontSettings);
      writeFileSync(join(partial, "chromium"), decompress("chromium.br"), { mode: 0o755 });
    });
  });
}

function replace(folder, fill) {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  fill(partial);
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
}

function extract(archive, folder) {
  const input = decompress(`${archive}.tar.br`);
  run("tar", ["-x", "-f", "-", "-C", folder, "--no-same-owner"], `Could not unpack ${archive}.`, { input });
}

function decompress(file) {
  return brotliDecompressSync(readFileSync(join(packed, "bin", file)));
}
