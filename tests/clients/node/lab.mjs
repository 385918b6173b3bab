// Where the lab is; see tests/lab.
import { readFileSync } from "node:fs";
import path from "node:path";

import { root } from "./outdial.mjs";

/** What `lab up` wrote, by name. Throws where no lab is up. */
export function labEnvironment() {
  const directory = process.env.OUTDIAL_LAB_DIR ?? path.join(root, "build/lab");
  const lines = readFileSync(path.join(directory, "lab.env"), "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split("=")));
}
