"""The platform in containers: what docker-compose.yml runs beside the processes themselves."""
