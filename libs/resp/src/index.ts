export { REPLIES, ReplyWriter, type RespVersion } from './reply-writer.js';
