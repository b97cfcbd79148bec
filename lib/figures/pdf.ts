import PDFDocument from "pdfkit";
import addSvg from "svg-to-pdfkit";
import { resvgFont } from "./text.ts";

/** What a PDF file says about its picture, and its size. */
export interface PdfOptions {
  /** The title. */
  readonly title: string;
  /** What the picture shows, in words. */
  readonly alt: string;
  /** Width in px, 96 an inch. */
  readonly width: number;
  /** Height in px. */
  readonly height: number;
}

/** PDF points for each px. */
const points = 72 / 96;

/**
 * A figure's SVG as a PDF page of the picture's size: vectors, with the shipped font inside. Same input, same bytes.
 *
 * The dates in the file are those of the year 1970, so that a figure drawn later is the same file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { svgToPdf } from "./pdf.ts";
 *
 * const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0H9"/></svg>';
 * const pdf = await svgToPdf(svg, { title: "a line", alt: "A line.", width: 9, height: 9 });
 * assertEquals(new TextDecoder().decode(pdf.slice(0, 5)), "%PDF-");
 * ```
 */
export async function svgToPdf(svg: string, options: PdfOptions): Promise<Uint8Array> {
  const size: [number, number] = [options.width * points, options.height * points];
  const date = new Date(0);
  const document = new PDFDocument({
    size,
    margin: 0,
    displayTitle: true,
    lang: "en",
    info: { Title: options.title, Subject: options.alt, CreationDate: date, ModDate: date },
  });
  document.registerFont("shipped", resvgFont.fontFiles[0]!);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on("data", (part: Uint8Array<ArrayBuffer>) => parts.push(part));
    document.on("end", resolve);
    document.on("error", reject);
  });
  addSvg(document, svg, 0, 0, {
    width: size[0],
    height: size[1],
    fontCallback: () => "shipped",
  });
  document.end();
  await ended;
  return await new Blob(parts).bytes();
}
