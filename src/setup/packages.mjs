// npm's packages, exactly as package-lock.json names them. Nothing here needs an install script,
// so none is run: one package of the benchmarks would otherwise try to compile a graphics library.
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, SetupError, say } from "./step.mjs";

/** Installs packages unless every one that is needed is there in its version. Packages for tests stay if they are there. */
export function installPackages({ tests }) {
  if (isInstalled({ tests })) return;
  if (lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new SetupError(
      "Expected the packages of package-lock.json in node_modules, which is a link: run `npm ci` where it leads.",
    );
  }
  say(tests ? "installing packages, with those of the tests" : "installing packages");
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  run("npm", tests ? [...args, "--include=dev"] : [...args, "--omit=dev"], "npm could not install the packages.");
}

function isInstalled({ tests }) {
  const hidden = join(root, "node_modules/.package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = packagesOf(join(root, "package-lock.json"));
  const present = packagesOf(hidden);
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "" || (entry.dev && !tests) || !suits(entry)) return true;
    return present[path]?.version === entry.version && present[path]?.integrity === entry.integrity;
  });
}

function packagesOf(lockfile) {
  return JSON.parse(readFileSync(lockfile, "utf8")).packages;
}

/**
 * Whether npm must install a package on this machine. An optional package is for one platform; those that name
 * none only serve other optional ones, and npm decides.
 */
function suits({ os, cpu, libc, optional, peer }) {
  if (!optional) return !peer;
  if (os === undefined) return false;
  return (
    matches(os, process.platform) && matches(cpu, process.arch) && (libc === undefined || matches(libc, libcName()))
  );
}

function matches(list, here) {
  return list === undefined || list.includes(here);
}

function libcName() {
  return readdirSync("/lib").some((file) => file.startsWith("ld-musl-")) ? "musl" : "glibc";
}
