"""The devices of the house on the network: thin, each speaking as its maker's guide says."""
