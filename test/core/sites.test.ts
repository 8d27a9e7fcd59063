import { expect, test } from "vitest";
import { columnOfNeuron, neuronName, siteOfColumn } from "../../src/core/sites.js";

const sites = [
  { name: "layers.0.residual", width: 3, offset: 0 },
  { name: "layers.1.residual", width: 2, offset: 3 },
];

test("names a column by its site and its index there", () => {
  expect(neuronName(sites, 0)).toBe("layers.0.residual:0");
  expect(neuronName(sites, 2)).toBe("layers.0.residual:2");
  expect(neuronName(sites, 3)).toBe("layers.1.residual:0");
});

test("refuses a column that no site holds", () => {
  expect(() => siteOfColumn(sites, 5)).toThrow("Expected a whole number below 5 for column but received 5");
  expect(() => siteOfColumn([], 0)).toThrow("Expected a whole number below 0 for column but received 0");
});

test("finds the column of a neuron's name", () => {
  for (const column of [0, 2, 3, 4]) expect(columnOfNeuron(sites, neuronName(sites, column))).toBe(column);
});

test.each([
  ["layers.1.residul:0", '(did you mean "layers.1.residual"?) for neuron but received "layers.1.residul"'],
  [
    "layers.1.residual:2",
    'Expected layers.1.residual:0 to layers.1.residual:1 for neuron but received "layers.1.residual:2"',
  ],
  [
    "layers.1.residual",
    'Expected SITE:INDEX, such as layers.3.mlp.hidden:871 for neuron but received "layers.1.residual"',
  ],
])("refuses the neuron %s", (neuron, sentence) => {
  expect(() => columnOfNeuron(sites, neuron)).toThrow(sentence);
});
