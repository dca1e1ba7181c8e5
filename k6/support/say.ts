/** What k6 writes to its log. Its types leave it out. */
declare const console: { log(text: string): void };

export const say = (text: string): void => console.log(text);
