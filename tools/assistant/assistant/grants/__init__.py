"""One user a service at the broker and at the database, each with only what its service needs."""
