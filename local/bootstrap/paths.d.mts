export declare const checkout: string;
export declare const holdfastFolder: string;
