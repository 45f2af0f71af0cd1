// Who the app is. Whoever can write the host's storage or settings is the app, so the identity for that is not the one
// that reads vaults; and each trust boundary (say production and test) has one of its own, named in the rotation map.

param name string
param location string
param tags object

@description('Names of the identities for vaults and clusters.')
param bridges string[]

import { bridgeIdentity } from 'types.bicep'

resource host 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${name}-host'
  location: location
  tags: tags
}

resource others 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = [
  for bridge in bridges: {
    name: 'id-${name}-for-${bridge}'
    location: location
    tags: tags
  }
]

output hostId string = host.id
output hostClientId string = host.properties.clientId
output hostPrincipalId string = host.properties.principalId

output bridgeIds string[] = [for index in range(0, length(bridges)): others[index].id]

@description('In the order of bridges.')
output bridges bridgeIdentity[] = [
  for (bridge, index) in bridges: {
    name: bridge
    clientId: others[index].properties.clientId
    principalId: others[index].properties.principalId
  }
]
