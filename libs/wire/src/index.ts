export { isSubjectToken, subjectsOf, type Subjects } from './subjects.js';
