"""Backups of one installation: what its services keep in PostgreSQL, and the unit's own files."""
