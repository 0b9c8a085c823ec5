export { SealFile, SealFileError, type SealFileCallback, type SealFileErrorCode } from './seal-file.js';
export { decodeSeals, encodeSeals } from './seal-format.js';
