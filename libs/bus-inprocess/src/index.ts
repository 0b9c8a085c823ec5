export { IN_PROCESS_DEFAULTS, InProcessBroker, type InProcessOptions } from './in-process-broker.js';
export { InProcessBus } from './in-process-bus.js';
export { hasWildcard, isSubject, isSubjectPattern, matchesTokens } from './subject.js';
export { type QueueGroup, type Route, type Subscriber, SubscriptionIndex } from './subscription-index.js';
