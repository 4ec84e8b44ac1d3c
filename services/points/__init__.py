"""Points 积分: registers, circulates and exchanges what each community grants for good deeds."""
