export { FilesDisk, type FileSystemCalls, type FilesDiskOptions } from './files-disk.js';
