import type { FieldError } from '../entities/decode.ts';

/**
 * What an error beside the data means. Only ACCESS_DENIED says that this app may not read the field; any other code, and
 * none, may be gone at the next look. (Those of a whole answer, THROTTLED and the like, are thrown by admin.ts.)
 */
export const reasonOf = (code: string): FieldError['reason'] =>
  code === 'ACCESS_DENIED' ? 'denied' : 'error';
