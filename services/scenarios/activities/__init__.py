"""Activities 活动: published with seats, which residents take by signing up."""
