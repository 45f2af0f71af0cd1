/** Every setting that the app reads, with its default. The README's table is compared with it. */

export interface SettingDoc {
  readonly name: string;
  /** Empty where there is none. */
  readonly default: string;
  readonly meaning: string;
}

export const settingsTable: readonly SettingDoc[] = [
  {
    name: "ROTATION_MAP",
    default: "rotation-map.yaml",
    meaning: "Path of the rotation map, absolute or from the folder of package.json.",
  },
  {
    name: "ROTATION_TIME_BUDGET",
    default: "4m",
    meaning: "How long one invocation works before it leaves the rest to a delayed message: 10s to 9m.",
  },
  {
    name: "ROTATION_QUEUE",
    default: "rotations",
    meaning: "Name of the Storage queue for events and for the bridge's own messages.",
  },
  {
    name: "ROTATION_HISTORY_TABLE",
    default: "",
    meaning:
      "Name of the table that keeps the newest chain of messages for each target, and which restarts met old bytes. Empty: each process remembers its own.",
  },
  {
    name: "ROTATION_RECONCILE_SCHEDULE",
    default: "0 */15 * * * *",
    meaning: "When the timer looks for what no event announced: NCRONTAB with six fields, seconds first, in UTC.",
  },
  {
    name: "ROTATION_DEEP_EVERY",
    default: "6h",
    meaning:
      "From one look of the timer at everything of a namespace to the next: 15m to 168h, or 0s for every time. Finds what somebody changed by hand.",
  },
  { name: "ROTATION_LOG_LEVEL", default: "info", meaning: "Least level that is logged: info, warn or error." },
  {
    name: "ROTATION_HTTP",
    default: "",
    meaning: "Who may call plan, status, rotate and replay by HTTP: entra, or local on your own machine. Empty: off.",
  },
  {
    name: "ROTATION_HTTP_TENANT",
    default: "",
    meaning: "With entra: id of the tenant that callers sign in to.",
  },
  {
    name: "ROTATION_HTTP_READERS",
    default: "",
    meaning: "With entra: who may call plan and status. Object ids and role:NAME, with spaces between them.",
  },
  {
    name: "ROTATION_HTTP_OPERATORS",
    default: "",
    meaning: "With entra: who may call all four. Object ids and role:NAME, with spaces between them.",
  },
  {
    name: "AzureWebJobsStorage",
    default: "",
    meaning: "Connection string of the host's storage account, for local use. An identity is better: see below.",
  },
  {
    name: "AzureWebJobsStorage__accountName",
    default: "",
    meaning: "Name of the storage account that is reached by an identity, in the public cloud.",
  },
  {
    name: "AzureWebJobsStorage__queueServiceUri",
    default: "",
    meaning: "The account's queue endpoint, where the name alone does not give it.",
  },
  {
    name: "AzureWebJobsStorage__tableServiceUri",
    default: "",
    meaning: "The account's table endpoint, where the name alone does not give it. For the history only.",
  },
  {
    name: "AzureWebJobsStorage__credential",
    default: "",
    meaning: "managedidentity, for a user-assigned identity.",
  },
  {
    name: "AzureWebJobsStorage__clientId",
    default: "",
    meaning: "Client id of the user-assigned identity that reaches the storage account.",
  },
  {
    name: "AZURE_CLIENT_ID",
    default: "",
    meaning:
      "Client id of the app's user-assigned identity, for vaults and clusters that the map gives none of their own.",
  },
];
