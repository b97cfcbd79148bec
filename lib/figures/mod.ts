/**
 * Figures and tables: data in, Plotly specs and text out, drawn without a browser.
 *
 * @module
 */
export * from "./kinds/curve_options.ts";
export * from "./kinds/curves.ts";
export * from "./kinds/dot_intervals.ts";
export * from "./kinds/dot_options.ts";
export * from "./drawn.ts";
export * from "./figure.ts";
export * from "./kinds/grouped_bars.ts";
export * from "./kinds/grouped_bars_options.ts";
export * from "./kinds/heat_map.ts";
export * from "./markup.ts";
export * from "./method_style.ts";
export * from "./panels.ts";
export * from "./kinds/pairwise_fronts.ts";
export * from "./kinds/parallel_coordinates.ts";
export * from "./pdf.ts";
export * from "./plotly_engine.ts";
export * from "./render.ts";
export * from "./kinds/scatter_panels.ts";
export * from "./show.ts";
export * from "./kinds/stage_bars.ts";
export * from "./table.ts";
export * from "./text.ts";
export * from "./theme.ts";
export * from "./ticks.ts";
