/**
 * Figures and tables: data in, Plotly specs and text out, drawn without a browser.
 *
 * @module
 */
export * from "./curves.ts";
export * from "./dot_intervals.ts";
export * from "./drawn.ts";
export * from "./figure.ts";
export * from "./grouped_bars.ts";
export * from "./heat_map.ts";
export * from "./markup.ts";
export * from "./method_style.ts";
export * from "./panels.ts";
export * from "./parallel_coordinates.ts";
export * from "./pdf.ts";
export * from "./plotly_engine.ts";
export * from "./render.ts";
export * from "./scatter_panels.ts";
export * from "./show.ts";
export * from "./stage_bars.ts";
export * from "./table.ts";
export * from "./text.ts";
export * from "./theme.ts";
export * from "./ticks.ts";
