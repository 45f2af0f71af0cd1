// From one vault's system topic to the bridge: the topic's rights on the queue, then the subscription.

@description('The bridge\'s own name, for several on one topic.')
param bridgeName string
param topicName string

@description('queue or function: see types.bicep.')
param delivery string
param subjectPrefixes string[]

param storageAccountId string
param storageAccountName string
param queueName string
param deadLetterContainer string
param functionAppId string

@description('Where the storage account is.')
param bridgeSubscriptionId string
param bridgeResourceGroup string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

module access 'access.bicep' = {
  name: '${bridgeName}-topic-${uniqueString(topic.id)}'
  scope: resourceGroup(bridgeSubscriptionId, bridgeResourceGroup)
  params: {
    topic: {
      principalId: topic.identity.principalId
      storageAccount: storageAccountName
      queue: queueName
      deadLetterContainer: deadLetterContainer
    }
  }
}

var topicIdentity = { type: 'SystemAssigned' }

// Event Grid authenticates by itself, waits for no answer of ours, and does not depend on the code being there.
var toQueue = {
  identity: topicIdentity
  destination: {
    endpointType: 'StorageQueue'
    properties: {
      resourceId: storageAccountId
      queueName: queueName
      queueMessageTimeToLiveInSeconds: 604800 // 7 days. What is older, the timer has found.
    }
  }
}

// The second choice: keyVaultEvent only puts the event on the queue. It must be deployed before.
var toFunction = {
  endpointType: 'AzureFunction'
  properties: {
    resourceId: '${functionAppId}/functions/keyVaultEvent'
    maxEventsPerBatch: 1
  }
}

// An object is called by its bare name in an event's subject, so a prefix may match another team's object too. That costs
// a look, no more: the rotation map decides in the app.
var byName = [
  {
    operatorType: 'StringBeginsWith'
    key: 'subject'
    values: subjectPrefixes
  }
]

// Named alike for both ways of delivery, so that a change of way replaces the subscription instead of adding one.
resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: bridgeName
  properties: {
    deliveryWithResourceIdentity: delivery == 'queue' ? toQueue : null
    destination: delivery == 'function' ? toFunction : null
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: [
        'Microsoft.KeyVault.SecretNewVersionCreated'
        'Microsoft.KeyVault.CertificateNewVersionCreated'
        'Microsoft.KeyVault.KeyNewVersionCreated'
      ]
      advancedFilters: empty(subjectPrefixes) ? [] : byName
    }
    // The longest that Event Grid tries: whichever ends first.
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
    // Without it Event Grid would drop what it cannot deliver, on some answers at once.
    deadLetterWithResourceIdentity: {
      identity: topicIdentity
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: storageAccountId
          blobContainerName: deadLetterContainer
        }
      }
    }
  }
  dependsOn: [access]
}
