/** A strict reader of what RateLimit fields are: a list of strings with whole parameters (RFC 9651). */
export interface ListItem {
  readonly value: string;
  readonly parameters: Readonly<Record<string, number>>;
}

const itemForm = /"((?:[ !#-[\]-~]|\\["\\])*)"((?:;[a-z*][a-z0-9_\-.*]*=-?\d{1,15})*)/y;
const parameterForm = /;([^=]+)=(-?\d+)/g;

/** @throws SyntaxError for what a recipient would have to ignore. */
export function readList(field: string): readonly ListItem[] {
  const items: ListItem[] = [];
  let at = 0;
  for (;;) {
    itemForm.lastIndex = at;
    const [whole, value, parameters = ''] = itemForm.exec(field) ?? [];
    if (whole === undefined || value === undefined)
      throw new SyntaxError(`no string item at ${at} of '${field}'`);
    items.push({
      value: value.replace(/\\(.)/g, '$1'),
      parameters: Object.fromEntries(
        [...parameters.matchAll(parameterForm)].map(([, key, number]) => [key, Number(number)]),
      ),
    });
    at += whole.length;
    if (at === field.length) return items;
    if (!field.startsWith(', ', at)) throw new SyntaxError(`no comma at ${at} of '${field}'`);
    at += 2;
  }
}
