"""Feeds 日历订阅: bookings as iCalendar, and as FHIR slots and appointments."""
