// The system topic of one vault: how Event Grid hears of it. A source can have only one, so a vault that has one already
// keeps it (systemTopic in main.bicepparam), and this file is not used for it.

param name string
param vaultName string

@description('The vault\'s own region: a system topic must be where its source is.')
param location string
param tags object

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  identity: {
    // System-assigned: a user-assigned one is refused by a storage account with a firewall
    // (https://learn.microsoft.com/azure/event-grid/handler-storage-queues).
    type: 'SystemAssigned'
  }
  properties: {
    source: vault.id
    topicType: 'Microsoft.KeyVault.vaults'
  }
}

output name string = topic.name
