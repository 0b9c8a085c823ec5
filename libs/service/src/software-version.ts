/** The release, as members tell each other and INFO prints it; a test compares it with package.json. */
export const SOFTWARE_VERSION = '0.1.0';
