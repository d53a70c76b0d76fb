const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for a UUID of any version in its text form, in small or capital letters. */
export const isUuid = (text: unknown): text is string => typeof text === 'string' && UUID.test(text);
