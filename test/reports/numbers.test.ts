import { expect, test } from "vitest";
import { shown } from "../../src/reports/numbers.js";

test.each([
  [0, "0"],
  [12, "12"],
  [1234567, "1\u202f234\u202f567"],
  [-3, "−3"],
  [0.98512, "0.9851"],
  [-0.05, "−0.05000"],
  [12.3456, "12.35"],
  [1234.56, "1\u202f235"],
  [0.00001234, "1.23e−5"],
])("%s is shown as %s", (value, text) => expect(shown(value)).toBe(text));
