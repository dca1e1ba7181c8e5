/** As much of DynamoDB's condition expressions as Powertools writes. */

export type Attributes = Readonly<Record<string, unknown>>;

interface Context {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Attributes;
}

const tokens = /attribute_(?:not_)?exists|AND|OR|[()<=]|[#:]\w+/g;

/** @throws Error for anything that is more. */
export function holdsExpression(
  text: string,
  item: Attributes,
  { names, values }: Context,
): boolean {
  const left = text.match(tokens) ?? [];
  if (left.join('') !== text.replaceAll(' ', '')) throw new Error(`not understood: ${text}`);

  function take(expected?: string): string {
    const token = left.shift();
    if (token === undefined || (expected && token !== expected))
      throw new Error(`expected ${expected ?? 'more'}, got ${token} in ${text}`);
    return token;
  }
  const operand = (token: string): unknown =>
    token.startsWith(':') ? values[token] : item[names[token] ?? token];

  function either(): boolean {
    let result = both();
    while (left[0] === 'OR') {
      take();
      result = both() || result;
    }
    return result;
  }
  function both(): boolean {
    let result = one();
    while (left[0] === 'AND') {
      take();
      result = one() && result;
    }
    return result;
  }
  function one(): boolean {
    const token = take();
    if (token === '(') {
      const result = either();
      take(')');
      return result;
    }
    if (token.startsWith('attribute')) {
      take('(');
      const value = operand(take());
      take(')');
      return token === 'attribute_exists' ? value !== undefined : value === undefined;
    }
    const [comparison, second] = [take(), operand(take())];
    const first = operand(token);
    if (comparison === '=') return first !== undefined && first === second;
    return typeof first === 'number' && typeof second === 'number' && first < second;
  }

  const result = either();
  if (left.length > 0) throw new Error(`not understood: ${left.join(' ')} in ${text}`);
  return result;
}
