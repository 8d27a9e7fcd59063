/** What XML writes for signs of its own. */
const entities = { "&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">" } as const;

/**
 * The words of a text that BLEU compares, as the tokenizer `13a` of sacreBLEU cuts them (NIST's mteval-v13a): what stands
 * between spaces, with signs apart but for apostrophes, hyphens behind anything but a digit, and full stops and commas
 * between digits.
 */
export function bleuWords(text: string): string[] {
  const line = text.trimEnd().replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ");
  const plain = Object.entries(entities).reduce((plain, [entity, sign]) => plain.replaceAll(entity, sign), line);
  const apart = ` ${plain} `
    .replace(/[!-&(-+/:-@[-`{-~]/gu, " $& ")
    .replace(/([^0-9])([.,])/gu, "$1 $2 ")
    .replace(/([.,])([^0-9])/gu, " $1 $2")
    .replace(/([0-9])-/gu, "$1 - ");
  return apart.match(/\S+/gu) ?? [];
}
