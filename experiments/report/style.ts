/** How the report looks on screens and on paper. @module */

/** The style sheet of the report. */
export const reportStyle = `
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 54rem; padding: 1rem; background: #fff; color: #1a1a1a;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .2rem; }
a { color: #00558c; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; background: #fff; padding: .5rem; }
.answer { font-size: 1.05rem; border-left: 3px solid #d55e00; padding-left: .8rem; }
nav h2 { margin: 1.5rem 0 .4rem; }
nav p { margin: .2rem 0; }
.contents { columns: 19rem; column-gap: 2rem; font-size: .92rem; line-height: 1.4; }
.contents div { break-inside: avoid; padding-bottom: .6rem; }
.contents ol { margin: 0; padding-left: 1.8rem; }
.contents li { margin: .15rem 0; }
.group { font-weight: 600; }
section { scroll-margin-top: .5rem; }
:focus-visible { outline: 3px solid #00558c; outline-offset: 2px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; margin: .8rem 0; border-top: 2px solid #1a1a1a;
  border-bottom: 2px solid #1a1a1a; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .3rem; }
th { border-bottom: 1px solid #1a1a1a; vertical-align: bottom; }
th, td { text-align: left; padding: .25rem .7rem .25rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; font-size: .92rem; }
dt { font-weight: 600; }
dd { margin: 0; }
figure { margin: 1.2rem 0; overflow-x: auto; }
figure [hidden] { display: none; }
.still svg { display: block; max-width: 100%; min-width: min(100%, 20rem); height: auto; }
figcaption { font-size: .88rem; }
pre { overflow-x: auto; background: #f4f4f4; padding: .6rem .8rem; font-size: .85rem; }
@media (max-width: 44rem) {
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: .4rem; }
  .still svg[width="672"] { min-width: 36rem; }
}
@media print {
  @page { margin: 18mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  a { color: inherit; text-decoration: none; }
  .skip, .data, details:not([open]) { display: none; }
  .live { display: none; }
  figure .still[hidden] { display: block; }
  figure, table, pre { break-inside: avoid; }
  h2, h3 { break-after: avoid; break-inside: avoid; }
  pre { white-space: pre-wrap; }
  figure, .scroll { overflow: visible; }
}
`;
