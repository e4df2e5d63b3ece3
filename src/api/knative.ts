/** Where Knative Serving lives, and the ConfigMaps there that say what a cluster allows and fills in. */
export const knativeNamespace = 'knative-serving';
export const settingsConfigMaps = ['config-defaults', 'config-autoscaler', 'config-features'] as const;
export type SettingsConfigMap = (typeof settingsConfigMaps)[number];
