/** Looks of the page of contracts: no file beside it is needed, and no network. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --word: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --word: #7db7f5; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; display: grid; grid-template-columns: 18rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line); font-size: .875rem; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; }
nav a { display: block; padding: .1rem 0; overflow-wrap: anywhere; }
main { padding: 1rem 2rem 4rem; max-width: 70rem; }
a { color: var(--word); text-decoration: none; }
a:hover, a:focus, main p a, main dd a { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--word); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; padding: .5rem 1rem; background: Canvas; z-index: 1; }
.skip:focus { left: 0; }
h1 { margin-top: 0; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
article { border: 1px solid var(--line); border-radius: .5rem; margin: 1rem 0; padding: 0 1rem 1rem; }
article:target { border-color: var(--word); }
h3 { margin-bottom: 0; overflow-wrap: anywhere; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
pre { background: var(--soft); padding: .75rem; border-radius: .25rem; overflow: auto; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
th:last-child { width: 50%; }
.end { border-left: .25rem solid #c60; padding-left: .75rem; }
summary { cursor: pointer; padding: .25rem 0; }
@media (max-width: 50rem) {
  body { display: block; }
  nav { position: static; height: auto; max-height: 40vh; border: 0; border-bottom: 1px solid var(--line); }
  nav a { padding: .25rem 0; }
  main { padding: 1rem; }
  table, tbody { display: block; }
  thead { position: absolute; left: -100rem; }
  tr { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  td { border: 0; padding: 0; }
  td:first-child, td:last-child { flex-basis: 100%; overflow-wrap: anywhere; }
}
`;
