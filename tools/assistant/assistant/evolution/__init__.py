"""Setting Evolution API up: the instance that holds the unit's number, its webhook, its own events, the QR code."""
