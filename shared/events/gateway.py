"""What the gateway tells: nothing yet; its topic is there because each database has an outbox."""
