import { describe, expect, test } from "vitest";
import { checkKnown, nearestNames, suggest } from "../../src/core/suggest.js";

describe("suggest", () => {
  test("names the known name that is a typing mistake away", () => {
    expect(suggest("varaince", ["variance", "probeless"])).toBe(' (did you mean "variance"?)');
  });

  test("is empty where nothing is near", () => {
    expect(suggest("umap", ["variance", "probeless"])).toBe("");
    expect(suggest("", [])).toBe("");
  });

  test("names all that are equally near, in the given order", () => {
    expect(suggest("NOUM", ["NUM", "NOUN", "VERB"])).toBe(' (did you mean "NUM" or "NOUN"?)');
  });

  test("is free about case", () => {
    expect(nearestNames("noun", ["VERB", "NOUN"])).toEqual(["NOUN"]);
  });

  test("does not take one short name for another", () => {
    expect(nearestNames("iou", ["pca"])).toEqual([]);
  });
});

describe("checkKnown", () => {
  test("hands a known name back", () => {
    expect(checkKnown("method", "iou", ["iou", "variance"])).toBe("iou");
  });

  test("lists the known names and the nearest for another", () => {
    expect(() => checkKnown("method", "varance", ["iou", "variance"])).toThrow(
      'Expected one of iou, variance (did you mean "variance"?) for method but received "varance"',
    );
  });
});
