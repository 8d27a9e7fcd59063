/** The report's look: a paper's appendix, in light and dark, on screens and on paper. */
export const stylesheet = `
:root {
  --paper: #fffefb; --ink: #1c1b1a; --soft: #5d5a55; --rule: #1c1b1a; --faint: #b9b4ab;
  --top: #a63a12; --random: #5d5a55; --bottom: #1f5f99; --above: #e8762c; --below: #3f8fd6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161513; --ink: #ece8e1; --soft: #aaa49a; --rule: #8b857b; --faint: #5a554d;
    --top: #f0946a; --random: #aaa49a; --bottom: #7db8ee; --above: #d9661c; --below: #2f7cc0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 17px/1.5 Charter, "Bitstream Charter", "Iowan Old Style", "Palatino Linotype", "Source Serif 4", "DejaVu Serif", Georgia, serif;
}
main { max-width: 46rem; margin: 0 auto; padding: 3.5rem 1.25rem 5rem; }
header { margin-bottom: 2.5rem; }
h1 { font-size: 1.62rem; line-height: 1.2; font-weight: 600; margin: 0 0 .9rem; letter-spacing: -.01em; }
h2 { font-size: 1.22rem; line-height: 1.3; font-weight: 600; margin: 3rem 0 .3rem; }
p { margin: .5rem 0; }
.lead { max-width: 42rem; }
.options, .legend { color: var(--soft); font-size: .82rem; margin: .1rem 0 .8rem; }
code { font: .86em/1.4 ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace; }
figure { margin: 1.4rem 0 1.8rem; break-inside: avoid; }
.drawings { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: flex-start; }
.drawings svg { max-width: 100%; height: auto; font-family: inherit; }
figcaption, caption { font-size: .86rem; line-height: 1.42; color: var(--ink); }
figcaption { margin-top: .6rem; }
caption { text-align: left; padding-bottom: .5rem; }
.scroll { overflow-x: auto; margin: 1.4rem 0 1.8rem; break-inside: avoid; }
table {
  border-collapse: collapse; font-size: .86rem; line-height: 1.45;
  border-bottom: 1.5px solid var(--rule); font-variant-numeric: tabular-nums lining-nums;
}
thead { border-top: 1.5px solid var(--rule); border-bottom: .75px solid var(--rule); }
th { font-weight: 400; font-style: italic; text-align: left; }
th, td { padding: .16rem 1.1rem .16rem 0; vertical-align: baseline; }
td:first-child, th:first-child { padding-left: .2rem; }
th:last-child, td:last-child { padding-right: .2rem; }
.number { text-align: right; white-space: nowrap; }
th.number { padding-left: 1rem; }
td code { white-space: nowrap; }
.tree, .tree ul { list-style: none; margin: .2rem 0; padding-left: 1.1rem; border-left: .75px solid var(--faint); }
.tree b { font-weight: 400; font-variant-caps: all-small-caps; letter-spacing: .04em; }
.strips { width: 100%; }
.strip { margin: .22rem 0; line-height: 1.75; text-align: start; }
.token { white-space: pre-wrap; padding: .12em 0; border-radius: 2px; }
.marked { text-decoration: underline; text-decoration-thickness: 1.5px; text-underline-offset: .2em; }
.shade { display: inline-block; width: 1.4rem; height: .75rem; vertical-align: -.06rem; }
@media print {
  :root {
    --paper: #fff; --ink: #000; --soft: #444; --rule: #000; --faint: #aaa;
    --top: #a63a12; --random: #555; --bottom: #1f5f99; --above: #e8762c; --below: #3f8fd6;
  }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
