// The addon (C++), the library and the command line (TypeScript), and the command's name.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fingerprint, has, root, run, say, unlessDone } from "./step.mjs";

const program = (name) => join(root, "node_modules/.bin", name);

/** Compiles native/ to build/Release/neurometry.node. Headers come with the packages: nothing is downloaded. */
export function compileAddon() {
  const headers = ["node-addon-api", "node-api-headers", "cmake-js"].map(versionOf);
  const mark = fingerprint(["native", "CMakeLists.txt"], [root, ...headers]);
  unlessDone("addon", mark, join(root, "build/Release/neurometry.node"), () => {
    say("compiling the addon (a minute or two the first time)");
    const jobs = ["--parallel", String(availableParallelism())];
    const launcher = has("ccache") ? { CMAKE_CXX_COMPILER_LAUNCHER: "ccache" } : {};
    forgetOtherGenerator();
    run(program("cmake-js"), ["compile", "--log-level", "error", ...jobs], "The addon could not be compiled.", {
      env: { ...launcher, ...process.env },
    });
  });
}

/** CMake refuses a build folder that another build program or another folder began. */
function forgetOtherGenerator() {
  const settings = join(root, "build/CMakeCache.txt");
  if (!existsSync(settings)) return;
  const text = readFileSync(settings, "utf8");
  const generator = has("ninja") ? "Ninja" : "Unix Makefiles";
  const same =
    text.includes(`CMAKE_GENERATOR:INTERNAL=${generator}\n`) &&
    text.includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${root}\n`);
  if (!same) rmSync(join(root, "build"), { recursive: true });
}

/** Compiles src/ to dist/, which is replaced only when all of it compiled. */
export function compileTypeScript() {
  const mark = fingerprint(["src", "tsconfig.json", "tsconfig.build.json"], [versionOf("typescript")]);
  unlessDone("typescript", mark, join(root, "dist/index.js"), () => {
    say("compiling TypeScript");
    const [partial, dist] = [join(root, "dist.partial"), join(root, "dist")];
    rmSync(partial, { recursive: true, force: true });
    run(program("tsc"), ["-p", "tsconfig.build.json", "--outDir", partial], "TypeScript could not be compiled.");
    rmSync(dist, { recursive: true, force: true });
    renameSync(partial, dist);
    chmodSync(join(dist, "cli.js"), 0o755);
  });
}

/** Lets `npx neurometry` in this clone run what was built here. */
export function linkCommand() {
  const link = program("neurometry");
  if (existsSync(link)) return;
  rmSync(link, { force: true });
  mkdirSync(join(link, ".."), { recursive: true });
  symlinkSync("../../dist/cli.js", link);
}

function versionOf(name) {
  return `${name} ${JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version}`;
}
