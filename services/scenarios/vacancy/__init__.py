"""The vacancy loop 空置治理: how much a space is used, and what is done when it is not."""
