import { type Html, html, trusted } from "./html.js";
import { stylesheet } from "./stylesheet.js";

/** A whole HTML page that asks for nothing from elsewhere, and whose browser is told to refuse if it did. */
export function page(title: string, summary: readonly string[], sections: readonly Html[]): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<title>${title}</title>
<style>${trusted(stylesheet)}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
${summary.map((sentence) => html`<p class="lead">${sentence}</p>`)}
</header>
${sections}
</main>
</body>
</html>
`}`;
}
