export {
  FRAME_HEADER_BYTES,
  FRAME_TYPES,
  FRAME_VERSION,
  readFrameType,
  writeFrameHeader,
  type FrameTypeName,
} from './frame.js';
export { FrameSlab } from './frame-slab.js';
export {
  appendOperation,
  appendRerouted,
  beginOperationsFrame,
  finishOperationsFrame,
  OPERATION_FLAGS,
  OPERATION_HEADER_BYTES,
  OPERATIONS_HEADER_BYTES,
  OperationsReader,
  PARTITION_ROUTE_BYTES,
  TRACE_BYTES,
  type OperationFields,
  type PartitionRoute,
} from './operations-frame.js';
export { PartAssembler, PartAssemblers } from './part-assembler.js';
export { decodePartAck, encodePartAck, PART_WINDOW, PartSender, type PartAck, type TransmitPart } from './parts.js';
export {
  beginRepliesFrame,
  beginReply,
  endReply,
  finishRepliesFrame,
  REPLIES_HEADER_BYTES,
  RepliesReader,
  REPLY_HEADER_BYTES,
  REPLY_STATUS,
} from './replies-frame.js';
export { isSubjectToken, subjectsOf, type Subjects } from './subjects.js';
export {
  beginMoveFrame,
  decodeMoveAck,
  encodeMoveAck,
  finishMoveFrame,
  MOVE_HEADER_BYTES,
  MOVE_KINDS,
  readMoveEnd,
  readMoveHeader,
  type MoveAck,
  type MoveHeader,
} from './move-frames.js';
