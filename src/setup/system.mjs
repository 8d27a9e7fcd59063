// Node's version, and the system packages that compiling the addon needs.
import { existsSync } from "node:fs";
import { has, run, SetupError, say } from "./step.mjs";

/** The oldest Node that works. */
const oldest = [20, 17];

/** Throws unless this Node is new enough. */
export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  throw new SetupError(`Expected Node ${oldest.join(".")} or later but this is Node ${process.versions.node}`);
}

const needs = [
  { packages: ["g++"], there: () => has("g++") || has("clang++") },
  { packages: ["cmake"], there: () => has("cmake") },
  { packages: ["ninja-build"], there: () => has("ninja") || has("make") },
  { packages: ["libeigen3-dev"], there: hasEigen },
];

function hasEigen() {
  const prefixes = ["/usr", "/usr/local", "/opt/homebrew", ...(process.env.CMAKE_PREFIX_PATH ?? "").split(":")];
  return prefixes.some((prefix) => existsSync(`${prefix}/include/eigen3/Eigen/Core`));
}

/** Installs what is missing with apt-get where this user may, and otherwise says in one sentence what to run. */
export function installSystemPackages() {
  const missing = needs.filter((need) => !need.there()).flatMap((need) => need.packages);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  const prefix = permission();
  if (prefix === null) throw new SetupError(`Missing system packages: run \`sudo ${command}\` and try again.`);
  say(`installing ${missing.join(", ")}`);
  const failure = `Could not install system packages: run \`sudo ${command}\` and try again.`;
  for (const words of [["apt-get", "update", "-qq"], command.split(" ")]) {
    const [program, ...rest] = [...prefix, ...words];
    run(program, rest, failure, { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  }
}

/** What to put before apt-get: nothing for root, sudo where it asks for no password, null where neither works. */
function permission() {
  if (!has("apt-get")) return null;
  if (process.getuid?.() === 0) return [];
  if (!has("sudo")) return null;
  try {
    run("sudo", ["-n", "true"], "");
    return ["sudo", "-n"];
  } catch (error) {
    if (error instanceof SetupError) return null;
    throw error;
  }
}
