"""What the scenarios share: a real Kamailio, gateways, callers, the runner."""
