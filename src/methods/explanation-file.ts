import { withParquet } from "../activations/parquet-file.js";
import { FileError } from "../core/errors.js";
import { writeAtomically } from "../core/files.js";
import type { ExplainedNeuron } from "./corpus/explanation.js";

/** Numbers of a neuron, and what is more than numbers: JSON text. */
const numbers = ["column", "score", "iou", "rows", "formulaRows", "chance", "ceiling", "adjusted"] as const;
const texts = ["tree", "lengths", "profile", "exact"] as const;

/** Writes the neurons of an explanation as Parquet rows: name, formula, numbers, and the rest as JSON. */
export async function writeNeurons(path: string, neurons: readonly ExplainedNeuron[]): Promise<void> {
  const { parquetWriteFile } = await import("hyparquet-writer");
  const columnData = [
    { name: "neuron", data: neurons.map(({ neuron }) => neuron), type: "STRING" as const },
    { name: "formula", data: neurons.map(({ formula }) => formula), type: "STRING" as const },
    ...numbers.map((name) => ({ name, data: neurons.map((one) => one[name]), type: "DOUBLE" as const })),
    ...texts.map((name) => ({
      name,
      data: neurons.map((one) => JSON.stringify(one[name] ?? null)),
      type: "STRING" as const,
    })),
  ];
  await writeAtomically(path, async (filename) => parquetWriteFile({ filename, columnData }));
}

/** Reads what `writeNeurons` wrote. @throws FileError if it is not such a file */
export async function readNeurons(path: string): Promise<ExplainedNeuron[]> {
  return await withParquet(path, async (file) => {
    const neurons = Array.from({ length: file.rows }, () => ({}) as ExplainedNeuron);
    for (const name of ["neuron", "formula", ...numbers, ...texts]) {
      const json = (texts as readonly string[]).includes(name);
      await file.read(name, (values, first) => {
        for (let i = 0; i < values.length; i++) {
          const value: unknown = json ? parsed(path, values[i]) : values[i];
          if (name !== "exact" || value !== null) Object.assign(neurons[first + i]!, { [name]: value });
        }
      });
    }
    return neurons;
  });
}

function parsed(path: string, text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch (cause) {
    throw new FileError(path, "is not the Parquet file of an explanation's neurons", undefined, { cause });
  }
}
