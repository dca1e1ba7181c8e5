/** Rows of bars as an SVG that is readable on light and on dark pages. */

export interface Row {
  readonly label: string;
  readonly note: string;
  /** A bar for each stretch of time. */
  readonly bars: readonly number[];
}

export interface Chart {
  readonly title: string;
  /** What came in, behind every row. */
  readonly behind: readonly number[];
  readonly rows: readonly Row[];
  readonly lastsMs: number;
}

const width = 760;
const left = 120;
const right = 12;
const rowHeight = 56;
const top = 34;
const gap = 12;
const plotWidth = width - left - right;

const grey = '#7d8590';
const pale = '#7d859055';
const colour = '#3b82c4';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const at = (value: number): string => String(Math.round(value * 10) / 10);

export function svgOf({ title, behind, rows, lastsMs }: Chart): string {
  const height = top + rows.length * (rowHeight + gap) + 28;
  const largest = Math.max(1, ...behind, ...rows.flatMap(({ bars }) => bars));
  const barsOf = (bars: readonly number[], baseline: number): string => {
    const barWidth = plotWidth / bars.length;
    return bars
      .map((value, nth) => {
        if (value === 0) return '';
        const high = (value / largest) * rowHeight;
        return `M${at(left + nth * barWidth)} ${at(baseline)}v${at(-high)}h${at(barWidth * 0.9)}v${at(high)}z`;
      })
      .join('');
  };
  const text = (x: number, y: number, what: string, more = '') =>
    `<text x="${at(x)}" y="${at(y)}" ${more}>${escaped(what)}</text>`;
  const drawn = rows.flatMap(({ label, note, bars }, nth) => {
    const baseline = top + nth * (rowHeight + gap) + rowHeight;
    return [
      `<path d="${barsOf(behind, baseline)}" fill="${pale}"/>`,
      `<path d="${barsOf(bars, baseline)}" fill="${colour}"/>`,
      `<path d="M${left} ${baseline}h${plotWidth}" stroke="${grey}"/>`,
      text(left - 8, baseline - 18, label, 'text-anchor="end" font-weight="600"'),
      text(left - 8, baseline - 3, note, 'text-anchor="end"'),
    ];
  });
  const seconds = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    text(
      left + share * plotWidth,
      height - 12,
      `${at((share * lastsMs) / 1_000)} s`,
      `text-anchor="${share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}"`,
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="${grey}" role="img">`,
    `<title>${escaped(title)}</title>`,
    text(8, 18, title, 'font-size="13"'),
    ...drawn,
    ...seconds,
    '</svg>',
    '',
  ].join('\n');
}
