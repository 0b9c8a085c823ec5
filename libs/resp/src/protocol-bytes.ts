/** The bytes that give RESP its structure, by their names. */
export const NUL = 0;
export const LF = 0x0a;
export const CR = 0x0d;
export const BANG = 0x21;
export const HASH = 0x23;
export const DOLLAR = 0x24;
export const PERCENT = 0x25;
export const LEFT_PAREN = 0x28;
export const STAR = 0x2a;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const ZERO = 0x30;
export const COLON = 0x3a;
export const EQUALS = 0x3d;
export const GREATER = 0x3e;
export const UNDERSCORE = 0x5f;
export const PIPE = 0x7c;
export const TILDE = 0x7e;

export const NO_BYTES: Uint8Array = new Uint8Array(0);
