import packageJson from '../../package.json' with { type: 'json' };

/** The version of Dormouse, as package.json has it. */
export const { version } = packageJson;
