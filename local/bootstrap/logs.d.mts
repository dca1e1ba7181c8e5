export declare function newLog(folder: string, name: string): string;
export declare function tailOf(file: string, lines?: number): string;
