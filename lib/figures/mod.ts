/**
 * Figures and tables: data in, Plotly specs and text out, drawn without a browser.
 *
 * @module
 */
export * from "./curves.ts";
export * from "./figure.ts";
export * from "./grouped_bars.ts";
export * from "./heat_map.ts";
export * from "./plotly_engine.ts";
export * from "./render.ts";
export * from "./show.ts";
export * from "./table.ts";
export * from "./text.ts";
export * from "./theme.ts";
