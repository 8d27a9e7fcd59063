import type { DeviceFound } from "../device/select.js";
import { listDevices } from "../device/select.js";
import { describeCommand } from "./command.js";

export const command = describeCommand({
  name: "devices",
  summary: "Shows every device of this machine, the one that is chosen, and why one is not usable.",
  usage: "[--json]",
  words: { least: 0, most: 0, are: "no words" },
  options: {},
  notes: [
    "A hardware GPU is chosen where there is one, else native (C++ on all usable cores). A software GPU is taken only by name: --device webgpu:NAME.",
  ],
  examples: ["devices", "devices --json"],
  async run(_words, _options, session) {
    const devices = await listDevices();
    session.print(session.json ? JSON.stringify(devices, null, 2) : devices.map(describe).join("\n"));
  },
});

function describe({ name, chosen, reason, description }: DeviceFound): string {
  const lines = [`${chosen ? "*" : " "} ${name}${chosen ? "  (chosen by auto)" : ""}`];
  if (reason) lines.push(`    not chosen: ${reason}`);
  if (description) {
    const limits = Object.entries(description.limits).map(([limit, value]) => `${limit} ${value}`);
    lines.push(`    features: ${description.features.join(", ")}`, `    limits: ${limits.join(", ")}`);
  }
  return lines.join("\n");
}
