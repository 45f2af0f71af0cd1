// The private variant: a network that the app calls from, one address that it goes out by, and private endpoints for the
// host's storage and for the vaults. To reach private clusters this network is peered with theirs (docs/private-networks.md).

param name string
param location string
param tags object

@description('A /24 or larger that no peered network uses.')
param addressPrefix string
param storageAccountId string
param vaultIds string[]

// For authorised IP ranges of API servers and firewall rules of vaults: one address, and it stays.
resource outboundAddress 'Microsoft.Network/publicIPAddresses@2025-05-01' = {
  name: 'pip-${name}'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIPAllocationMethod: 'Static'
  }
}

resource nat 'Microsoft.Network/natGateways@2025-05-01' = {
  name: 'ng-${name}'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIpAddresses: [{ id: outboundAddress.id }]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: 'vnet-${name}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addressPrefix]
    }
  }
}

resource appSubnet 'Microsoft.Network/virtualNetworks/subnets@2025-05-01' = {
  parent: network
  name: 'app'
  properties: {
    addressPrefix: cidrSubnet(addressPrefix, 26, 0)
    natGateway: {
      id: nat.id
    }
    // What Flex Consumption asks for, not Microsoft.Web/serverFarms as other plans do.
    delegations: [
      {
        name: 'flex'
        properties: {
          serviceName: 'Microsoft.App/environments'
        }
      }
    ]
  }
}

resource endpointSubnet 'Microsoft.Network/virtualNetworks/subnets@2025-05-01' = {
  parent: network
  name: 'endpoints'
  properties: {
    addressPrefix: cidrSubnet(addressPrefix, 26, 1)
  }
  dependsOn: [appSubnet] // Azure changes one subnet of a network at a time.
}

var vaultZone = 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
var zoneNames = [
  'privatelink.blob.${environment().suffixes.storage}'
  'privatelink.queue.${environment().suffixes.storage}'
  'privatelink.table.${environment().suffixes.storage}'
  vaultZone
]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zoneNames: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in zoneNames: {
    parent: zones[index]
    name: network.name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: network.id
      }
    }
  }
]

// In the order of zoneNames.
var storageEndpoints = ['blob', 'queue', 'table']

resource storage 'Microsoft.Network/privateEndpoints@2025-05-01' = [
  for service in storageEndpoints: {
    name: 'pe-${name}-${service}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: endpointSubnet.id
      }
      privateLinkServiceConnections: [
        {
          name: service
          properties: {
            privateLinkServiceId: storageAccountId
            groupIds: [service]
          }
        }
      ]
    }
  }
]

resource storageNames 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (service, index) in storageEndpoints: {
    parent: storage[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service
          properties: {
            privateDnsZoneId: zones[index].id
          }
        }
      ]
    }
  }
]

// Who deploys needs the right to approve connections to the vault; else its owner approves them afterwards.
resource vaults 'Microsoft.Network/privateEndpoints@2025-05-01' = [
  for id in vaultIds: {
    name: 'pe-${name}-${last(split(id, '/'))}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: endpointSubnet.id
      }
      privateLinkServiceConnections: [
        {
          name: 'vault'
          properties: {
            privateLinkServiceId: id
            groupIds: ['vault']
          }
        }
      ]
    }
  }
]

resource vaultNames 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for index in range(0, length(vaultIds)): {
    parent: vaults[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: 'vault'
          properties: {
            privateDnsZoneId: zones[3].id
          }
        }
      ]
    }
  }
]

output networkId string = network.id
output appSubnetId string = appSubnet.id
output outboundAddress string = outboundAddress.properties.ipAddress
