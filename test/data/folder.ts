import { fileURLToPath } from "node:url";

/** The folder of models and corpora, with a slash behind. */
export const data = `${process.env.NEUROMETRY_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url))}/`;
